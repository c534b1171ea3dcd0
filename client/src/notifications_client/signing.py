"""How a request is signed: both versions of the signature, without any input or output."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

METHODS_SIGNED_BY_BODY = frozenset({"POST", "PUT", "PATCH"})
VERSIONS = (1, 2)


@dataclass(frozen=True)
class Credentials:
    """Who signs: the secret of an API client, its key id, and how it signs."""

    secret: str = field(repr=False)
    key_id: str | None = None
    version: int = 2


@dataclass(frozen=True)
class ToSign:
    """A request as it goes over the wire; `target` is the path with its query."""

    method: str
    target: str
    body: bytes = b""


def message_v1(request: ToSign, timestamp: str) -> bytes:
    """Return what version 1 signs: timestamp, then body or target."""
    is_body = request.method in METHODS_SIGNED_BY_BODY
    return timestamp.encode() + (request.body if is_body else request.target.encode())


def message_v2(request: ToSign, timestamp: str, nonce: str) -> bytes:
    """Return what version 2 signs: six lines, none of them ended by a line feed."""
    body = hashlib.sha256(request.body).hexdigest()
    lines = ("2", timestamp, nonce, request.method, request.target, body)
    return "\n".join(lines).encode()


def signature_of(secret: str, message: bytes) -> str:
    """Return the HMAC-SHA256 in lowercase hex."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def signed_headers(
    credentials: Credentials, request: ToSign, timestamp: str
) -> dict[str, str]:
    """Return the headers that sign one try of a request at `timestamp` (ms)."""
    headers = {"X-Timestamp": timestamp}
    if credentials.key_id:
        headers["X-Key-Id"] = credentials.key_id
    if credentials.version == 1:
        message = message_v1(request, timestamp)
    else:
        nonce = secrets.token_hex(16)
        message = message_v2(request, timestamp, nonce)
        headers.update({"X-Signature-Version": "2", "X-Nonce": nonce})
    headers["X-Signature"] = signature_of(credentials.secret, message)
    return headers
