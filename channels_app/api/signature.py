"""The signature of a request: what is signed, how, and whether a stamp is in time."""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum

WINDOW_MS = 5 * 60 * 1000
METHODS_SIGNED_BY_BODY = frozenset({"POST", "PUT", "PATCH"})
MUTATING_METHODS = METHODS_SIGNED_BY_BODY | {"DELETE"}

_MILLISECONDS = re.compile(r"[0-9]{13}")
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
    expected = sign(secret, timestamp, payload).encode()
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


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
