#!/bin/sh
# Sends a notification and waits until it has arrived; needs curl and openssl.
#   NOTIFY_URL=… NOTIFY_SECRET=… sh docs/examples/send_and_wait.sh
set -eu
url=${NOTIFY_URL:-http://127.0.0.1:8000}

sha256() { openssl dgst -sha256 "$@" | sed 's/.*[ =]//'; }

# call METHOD PATH BODY: signs anew for each try, so do not let curl retry by itself.
call() {
  for attempt in 1 2 3 4 5; do
    timestamp=$(date +%s)000 # milliseconds
    nonce=$(openssl rand -hex 16)
    hash=$(printf '%s' "$3" | sha256)
    signature=$(printf '2\n%s\n%s\n%s\n%s\n%s' "$timestamp" "$nonce" "$1" "$2" "$hash" |
      sha256 -hmac "$NOTIFY_SECRET")
    answer=$(curl --silent --request "$1" "$url$2" --write-out '\n%{http_code}' \
      --header 'Content-Type: application/json' \
      --header "X-Signature-Version: 2" \
      --header "X-Timestamp: $timestamp" \
      --header "X-Nonce: $nonce" \
      --header "X-Signature: $signature" \
      ${NOTIFY_KEY_ID:+--header "X-Key-Id: $NOTIFY_KEY_ID"} \
      --data-binary "$3") || true
    status=${answer##*
}
    body=${answer%
*}
    case $status in
      2*) printf '%s\n' "$body"; return ;;
      429 | 5* | 000) sleep $((attempt * 2)) ;;
      *) break ;;
    esac
  done
  printf '%s\n' "$body" >&2 # a refusal says what to do about it
  return 1
}

key=$(openssl rand -hex 16) # a retry after a lost answer does not send twice
sent=$(call POST /api/notifications/send '{"user_id":"'"${USER_ID:-demo}"'",
  "custom_content":{"subject":"Hello","content":"Sent with curl. 你好!"},
  "idempotency_key":"'"$key"'"}')

for id in $(printf '%s' "$sent" | grep -o '"message_id":"[^"]*"' | cut -d'"' -f4); do
  status=pending
  while [ "$status" = pending ] || [ "$status" = sending ] || [ "$status" = retrying ]; do
    sleep 1
    status=$(call GET "/api/notifications/$id" '' |
      grep -o '"status":"[a-z]*"' | head -n 1 | cut -d'"' -f4)
  done
  printf '%s %s\n' "$id" "$status"
done
