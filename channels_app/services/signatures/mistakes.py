"""Which well-known mistake made a signature wrong, found with the right key.

Each attempt is compared in constant time, and no expected signature leaves this
module. Only a caller who holds the secret can make one of these match.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from channels_app.services.signatures import known
from channels_app.services.signatures.known import Mistake
from channels_app.services.signatures.rewritten_json import other_json
from channels_app.services.signatures.signature import (
    METHODS_SIGNED_BY_BODY,
    digest,
    is_nonce,
    message_2,
)

LARGEST_BODY = 64 * 1024
_DIGEST_BYTES = 32
_HEX = re.compile(r"[0-9a-fA-F]{64}")

# What may have been signed, or a part of it, and what is wrong with that.
Mistaken = Iterator[tuple[Mistake, bytes]]


@dataclass(frozen=True)
class SignedRequest:
    """What arrived, with the secrets that could have signed it."""

    method: str
    timestamp: str
    signature: str
    body: bytes
    target: bytes
    host: str
    secret: str = field(repr=False)
    other_secrets: Sequence[str] = field(default=(), repr=False)
    nonce: str = ""

    @property
    def payload(self) -> bytes:
        """What should have been signed after the timestamp."""
        is_body = self.method in METHODS_SIGNED_BY_BODY
        return self.body if is_body else self.target

    @property
    def message(self) -> bytes:
        """What should have been signed."""
        return self.timestamp.encode() + self.payload


@dataclass(frozen=True)
class Attempt:
    """One mistaken way to sign: what is wrong, the key and the message."""

    mistake: Mistake
    key: bytes = field(repr=False)
    message: bytes = field(repr=False)


def mistake_in(request: SignedRequest) -> Mistake | None:
    """Return the first well-known mistake that matches, or None."""
    return named_mistake(request, request.message, attempts_v1(request))


def named_mistake(
    request: SignedRequest, message: bytes, attempts: Iterable[Attempt]
) -> Mistake | None:
    """Return the mistake of the attempt that was made instead of signing `message`."""
    if len(request.body) > LARGEST_BODY:
        return None
    given, presentation = given_digest(request.signature)
    if given is None:
        return presentation
    right = hmac.compare_digest(given, digest(request.secret, message))
    if presentation and right:
        return presentation
    made = first_match(given, attempts)
    return made.mistake if made else None


def first_match(given: bytes, attempts: Iterable[Attempt]) -> Attempt | None:
    """Return the first attempt that makes the digest which was given."""
    for attempt in attempts:
        made = hmac.digest(attempt.key, attempt.message, "sha256")
        if hmac.compare_digest(given, made):
            return attempt
    return None


def given_digest(signature: str) -> tuple[bytes | None, Mistake | None]:
    """Read a signature however it is written; say how, if not in lowercase hex."""
    bare = re.sub(r"^(sha256|v1|v2)[=,:]", "", signature.strip("\"' "))
    if _HEX.fullmatch(bare):
        decorated = known.DECORATED if bare != signature else None
        presentation = decorated if bare == bare.lower() else known.UPPER_CASE
        return bytes.fromhex(bare), presentation
    try:
        padded = bare.replace("-", "+").replace("_", "/").rstrip("=") + "="
        raw = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return None, None
    return (raw, known.BASE64) if len(raw) == _DIGEST_BYTES else (None, None)


def attempts_v1(request: SignedRequest) -> Iterator[Attempt]:
    """Give the mistaken ways to sign, the likely ones first."""
    key = request.secret.encode()
    for mistake, message in itertools.chain(
        _framings(request), _other_payloads(request), _rewritten_bodies(request)
    ):
        yield Attempt(mistake, key, message)
    yield from other_keys(request, request.message)
    if is_nonce(request.nonce):
        yield Attempt(known.VERSION_MISSING, key, _version_2(request))


def _version_2(request: SignedRequest) -> bytes:
    return message_2(
        request.method, request.timestamp, request.nonce, request.target, request.body
    )


def _framings(request: SignedRequest) -> Mistaken:
    stamp, payload = request.timestamp.encode(), request.payload
    yield known.SECONDS, stamp[:-3] + payload
    for separator in (b".", b"\n", b":", b" ", b"|", b"\r\n", b"&"):
        yield known.SEPARATOR, stamp + separator + payload
    for separator in (b"", b".", b"\n"):
        yield known.ORDER, payload + separator + stamp
    yield known.NO_TIMESTAMP, payload


def _other_payloads(request: SignedRequest) -> Mistaken:
    stamp = request.timestamp.encode()
    is_body = request.method in METHODS_SIGNED_BY_BODY
    payloads = _instead_of_body(request) if is_body else _instead_of_path(request)
    return ((mistake, stamp + payload) for mistake, payload in payloads)


def _instead_of_body(request: SignedRequest) -> Mistaken:
    path = request.target.partition(b"?")[0]
    method = request.method.encode()
    for payload in {request.target, path, method + path, method + request.target}:
        yield known.PATH_FOR_BODY, payload
        yield known.PATH_FOR_BODY, payload + request.body


def _instead_of_path(request: SignedRequest) -> Mistaken:
    for body in {request.body, b"", b"{}", b"null", b"undefined", b'""'}:
        yield known.BODY_FOR_PATH, body
        yield known.BODY_FOR_PATH, request.target + body
    yield from other_targets(request)


def other_targets(request: SignedRequest) -> Mistaken:
    """Give what may have been taken for the path with its query."""
    path, mark, query = request.target.partition(b"?")
    if mark:
        yield known.NO_QUERY, path
        yield known.NO_PATH, query
        yield known.NO_PATH, mark + query
    for scheme in (b"http://", b"https://", b""):
        yield known.FULL_URL, scheme + request.host.encode() + request.target
    bare = path.rstrip(b"/")
    for other in (bare, bare + b"/"):
        yield known.SLASH, other + mark + query
    yield known.DECODED, unquote_to_bytes(request.target)
    yield known.DECODED, unquote_to_bytes(request.target.replace(b"+", b" "))
    yield known.DECODED, path + mark + b"&".join(sorted(query.split(b"&")))


def _rewritten_bodies(request: SignedRequest) -> Mistaken:
    if request.method not in METHODS_SIGNED_BY_BODY or not request.body:
        return
    stamp = request.timestamp.encode()
    for mistake, body in other_bodies(request):
        yield mistake, stamp + body


def other_bodies(request: SignedRequest) -> Mistaken:
    """Give what the body may have been before it was written anew."""
    stripped = request.body.strip()
    for body in (stripped, stripped + b"\n", stripped + b"\r\n"):
        yield known.NEWLINE, body
    for body in other_json(stripped):
        yield known.RESERIALISED, body
        yield known.RESERIALISED, body + b"\n"


def other_keys(request: SignedRequest, message: bytes) -> Iterator[Attempt]:
    """Sign the right message with what may have been taken for the secret."""
    secret = request.secret
    for other in (
        secret.strip(),
        *(secret + end for end in ("\n", "\r\n", " ", "\r", "\t")),
        *(start + secret for start in (" ", "\t", "\n", "\ufeff")),
        *(f"{mark}{secret}{mark}" for mark in ("'", '"', " ")),
    ):
        yield Attempt(known.SPACE_IN_SECRET, other.encode(), message)
    for key in _decoded_secrets(secret):
        yield Attempt(known.DECODED_SECRET, key, message)
    for other in request.other_secrets:
        yield Attempt(known.OTHER_CLIENT, other.encode(), message)


def _decoded_secrets(secret: str) -> Iterator[bytes]:
    for decode in (bytes.fromhex, base64.b64decode):
        try:
            yield decode(secret)
        except ValueError:
            continue
