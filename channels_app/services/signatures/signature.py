"""The signature of a request: what is signed, how, and whether a stamp is in time.

Version 1 signs the timestamp and the body, or the path. Version 2 signs both, and the
method and a nonce besides.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum

WINDOW_MS = 5 * 60 * 1000
METHODS_SIGNED_BY_BODY = frozenset({"POST", "PUT", "PATCH"})
MUTATING_METHODS = METHODS_SIGNED_BY_BODY | {"DELETE"}
VERSION_1 = "1"
VERSION_2 = "2"
VERSIONS = (VERSION_1, VERSION_2)

_MILLISECONDS = re.compile(r"[0-9]{13}")
_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{16,128}")
_SECONDS = re.compile(r"[0-9]{10}(\.[0-9]+)?")


class StampFault(Enum):
    """What is wrong with the form of a timestamp."""

    SECONDS = "seconds"
    MALFORMED = "malformed"


def digest(secret: str, message: bytes) -> bytes:
    """Return the HMAC-SHA256 of a message under a client's secret."""
    return hmac.digest(secret.encode(), message, hashlib.sha256)


def sign(secret: str, timestamp: str, payload: bytes) -> str:
    """Return the value of X-Signature for a payload sent at `timestamp` (ms)."""
    return digest(secret, timestamp.encode() + payload).hex()


def check(secret: str, timestamp: str, payload: bytes, signature: str) -> bool:
    """Tell in constant time whether `signature` is the one for this payload."""
    return is_signed_with(secret, timestamp.encode() + payload, signature)


def is_signed_with(secret: str, message: bytes, signature: str) -> bool:
    """Tell in constant time whether `signature` is the message's under the secret."""
    expected = digest(secret, message).hex().encode()
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


def message_1(method: str, timestamp: str, target: bytes, body: bytes) -> bytes:
    """Return what version 1 signs; `target` and `body` exactly as sent."""
    return timestamp.encode() + payload_of(method, body, target)


def message_2(
    method: str, timestamp: str, nonce: str, target: bytes, body: bytes
) -> bytes:
    """Return what version 2 signs: six lines, with no line feed after the last."""
    body_digest = hashlib.sha256(body).hexdigest()
    head = "\n".join((VERSION_2, timestamp, nonce, method, ""))
    return head.encode() + target + b"\n" + body_digest.encode()


def is_nonce(nonce: str) -> bool:
    """Tell whether a nonce has a form that is good in a header and in a message."""
    return _NONCE.fullmatch(nonce) is not None


def payload_of(method: str, body: bytes, target: bytes) -> bytes:
    """Return what follows the timestamp in the signed message.

    `target` is the path with its query, exactly as on the request line.
    """
    return body if method in METHODS_SIGNED_BY_BODY else target


def stamp_fault(timestamp: str) -> StampFault | None:
    """Return what is wrong with a timestamp's form, or None."""
    if _MILLISECONDS.fullmatch(timestamp):
        return None
    if _SECONDS.fullmatch(timestamp):
        return StampFault.SECONDS
    return StampFault.MALFORMED


def skew_ms(timestamp: str, now_ms: int) -> int:
    """Return how far the caller's clock is ahead (+) or behind (-)."""
    return int(timestamp) - now_ms


def is_in_window(skew: int) -> bool:
    """Tell whether a stamp is within five minutes to either side."""
    return abs(skew) <= WINDOW_MS
