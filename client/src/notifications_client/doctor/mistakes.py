"""The known ways to sign wrongly: of each its name, what to do, and what it signs."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from notifications_client.doctor.rewritten import other_json
from notifications_client.signing import METHODS_SIGNED_BY_BODY, ToSign, message_v1

SECONDS_SIGNED = "seconds-signed"
SEPARATOR = "separator"
ORDER = "order"
NO_TIMESTAMP = "no-timestamp"
NEWLINE = "newline"
RESERIALISED = "body-rewritten"
BODY_FOR_PATH = "body-for-path"
PATH_FOR_BODY = "path-for-body"
NO_QUERY = "no-query"
NO_PATH = "no-path"
FULL_ADDRESS = "full-address"
SLASH = "slash"
DECODED = "decoded"
SPACE_IN_SECRET = "space-in-secret"  # noqa: S105 - the name of a mistake
DECODED_SECRET = "decoded-secret"  # noqa: S105 - likewise

Named = Iterator[tuple[str, bytes]]


@dataclass(frozen=True)
class Attempt:
    """One mistaken way to sign: its name, the key and the message it takes."""

    name: str
    key: bytes = field(repr=False)
    message: bytes


def attempts_v1(
    request: ToSign, timestamp: str, secret: str, host: str
) -> Iterator[Attempt]:
    """Give the mistaken ways to sign with version 1, the likely ones first."""
    stamp, key = timestamp.encode(), secret.encode()
    payload = message_v1(request, "")
    payloads = other_payloads(request, host)
    for name, message in itertools.chain(
        _framings(stamp, payload),
        ((name, stamp + other) for name, other in payloads),
    ):
        yield Attempt(name, key, message)
    yield from other_keys(secret, message_v1(request, timestamp))


def _framings(stamp: bytes, payload: bytes) -> Named:
    yield SECONDS_SIGNED, stamp[:-3] + payload
    for separator in (b".", b"\n", b":", b" ", b"|", b"\r\n", b"&"):
        yield SEPARATOR, stamp + separator + payload
    for separator in (b"", b".", b"\n"):
        yield ORDER, payload + separator + stamp
    yield NO_TIMESTAMP, payload


def other_payloads(request: ToSign, host: str) -> Named:
    """Give what is mistakenly signed after the timestamp."""
    if request.method not in METHODS_SIGNED_BY_BODY:
        yield from _other_things_than_path(request)
        yield from other_targets(request.target.encode(), host)
        return
    target, method = request.target.encode(), request.method.encode()
    path = target.partition(b"?")[0]
    for other in (target, path, method + path, method + target):
        yield PATH_FOR_BODY, other
        yield PATH_FOR_BODY, other + request.body
    yield from other_bodies(request.body)


def _other_things_than_path(request: ToSign) -> Named:
    for body in {request.body, b"", b"{}", b"null", b"undefined", b'""'}:
        yield BODY_FOR_PATH, body
        if body:
            yield BODY_FOR_PATH, request.target.encode() + body


def other_targets(target: bytes, host: str) -> Named:
    """Give what is mistakenly signed as the path with its query."""
    path, mark, query = target.partition(b"?")
    if mark:
        yield NO_QUERY, path
        yield NO_PATH, query
        yield NO_PATH, mark + query
    for scheme in (b"http://", b"https://", b""):
        yield FULL_ADDRESS, scheme + host.encode() + target
    for other in (path.rstrip(b"/"), path.rstrip(b"/") + b"/"):
        yield SLASH, other + mark + query
    yield DECODED, unquote_to_bytes(target)
    yield DECODED, unquote_to_bytes(target.replace(b"+", b" "))
    yield DECODED, path + mark + b"&".join(sorted(query.split(b"&")))


def other_bodies(body: bytes) -> Named:
    """Give what is mistakenly signed as the body."""
    if not body:
        return
    bare = body.strip()
    for other in (bare, bare + b"\n", bare + b"\r\n"):
        yield NEWLINE, other
    for other in other_json(bare):
        yield RESERIALISED, other
        yield RESERIALISED, other + b"\n"


def other_keys(secret: str, message: bytes) -> Iterator[Attempt]:
    """Give the keys that a secret is mistakenly turned into."""
    for other in (
        secret.strip(),
        *(secret + end for end in ("\n", "\r\n", " ", "\r", "\t")),
        *(start + secret for start in (" ", "\t", "\n", "\ufeff")),
        *(f"{mark}{secret}{mark}" for mark in ("'", '"', " ")),
    ):
        yield Attempt(SPACE_IN_SECRET, other.encode(), message)
    for key in filter(None, (_from_hex(secret), _from_base64(secret))):
        yield Attempt(DECODED_SECRET, key, message)


def _from_hex(secret: str) -> bytes | None:
    try:
        return bytes.fromhex(secret)
    except ValueError:
        return None


def _from_base64(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret)
    except ValueError:
        return None
