"""Sends a first notification; needs nothing but Python.

API_SECRET_KEY=… python3 docs/examples/first_request.py
"""

import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request

URL = os.environ.get("NOTIFICATIONS_URL", "http://127.0.0.1:8000")
SECRET = os.environ["API_SECRET_KEY"]

body = json.dumps(
    {
        "user_id": os.environ.get("USER_ID", "demo"),
        "custom_content": {"subject": "Hello", "content": "Sent with Python. 你好!"},
    }
).encode()
timestamp = str(time.time_ns() // 1_000_000)

# The signature covers the timestamp directly followed by the very bytes of the body.
signature = hmac.new(SECRET.encode(), timestamp.encode() + body, hashlib.sha256)

request = urllib.request.Request(
    f"{URL}/api/notifications/send",
    data=body,
    headers={
        "Content-Type": "application/json",
        "X-Timestamp": timestamp,
        "X-Signature": signature.hexdigest(),
    },
)
try:
    with urllib.request.urlopen(request, timeout=30) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as refusal:
    # The answer says what was wrong and what to do about it.
    raise SystemExit(refusal.read().decode()) from refusal
