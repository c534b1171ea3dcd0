"""Signed requests of the default client, as the tests of sending make them."""

from __future__ import annotations

import json
import time
from typing import Any

from django.test import Client

from channels_app.services.signatures.signature import sign

SECRET = "test-secret-key-0123456789abcdef"
SEND = "/api/notifications/send"
BATCH = "/api/notifications/send-batch"


def post(path: str, form: object, **headers: str) -> Any:
    """POST a form with `headers`, whose names have underscores for hyphens."""
    body = json.dumps(form).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    stamp = named.get("X-Timestamp") or str(time.time_ns() // 1_000_000)
    signed = {"X-Timestamp": stamp, "X-Signature": sign(SECRET, stamp, body), **named}
    return Client().post(path, body, content_type="application/json", headers=signed)


def one(user_id: str = "u1", **fields: Any) -> dict[str, Any]:
    """Return a notification with own content, unless `fields` say otherwise."""
    return {"user_id": user_id, "custom_content": {"content": "hello"}, **fields}
