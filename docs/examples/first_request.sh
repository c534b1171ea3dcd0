#!/bin/sh
# Sends a first notification with curl and openssl.
#   API_SECRET_KEY=… sh docs/examples/first_request.sh
set -eu
url=${NOTIFICATIONS_URL:-http://127.0.0.1:8000}
user=${USER_ID:-demo}

body='{"user_id":"'$user'","custom_content":{"subject":"Hello","content":"Sent with curl. 你好!"}}'
timestamp=$(date +%s)000 # milliseconds

# The signature covers the timestamp directly followed by the very bytes of the body.
signature=$(printf '%s%s' "$timestamp" "$body" |
  openssl dgst -sha256 -hmac "$API_SECRET_KEY" | sed 's/.*[ =]//')

curl --silent --show-error --fail-with-body "$url/api/notifications/send" \
  --header 'Content-Type: application/json' \
  --header "X-Timestamp: $timestamp" \
  --header "X-Signature: $signature" \
  --data-binary "$body"
