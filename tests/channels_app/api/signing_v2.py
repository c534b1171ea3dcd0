"""Signing as version 2 of the signature says, made without any code of ours."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping

from tests.conftest import next_timestamp


def six_lines(
    method: str, stamp: str, nonce: str, target: str, body: bytes
) -> list[str]:
    """Return the lines of the message in their order."""
    return ["2", stamp, nonce, method, target, hashlib.sha256(body).hexdigest()]


def mac(message: str, secret: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def headers_v2(
    method: str,
    target: str,
    body: bytes = b"",
    *,
    secret: str | None = None,
    nonce: str | None = None,
    stamp: str | None = None,
    key_id: str | None = None,
) -> Mapping[str, str]:
    """Return the headers of a request that is signed as it should be."""
    nonce = nonce or secrets.token_hex(16)
    stamp = stamp or str(next_timestamp())
    message = "\n".join(six_lines(method, stamp, nonce, target, body))
    headers = {
        "X-Signature-Version": "2",
        "X-Timestamp": stamp,
        "X-Nonce": nonce,
        "X-Signature": mac(message, secret or os.environ["API_SECRET_KEY"]),
    }
    return headers | ({"X-Key-Id": key_id} if key_id else {})
