"""Which well-known mistake made a signature wrong, found with the right key.

Each attempt is compared in constant time, and nothing but the name of the mistake
leaves this module: never an expected signature. Only a caller who holds the secret
can make one of these match.
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

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

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
    """One mistaken way to sign, and what to tell who signs so."""

    hint: StrOrPromise
    key: bytes = field(repr=False)
    message: bytes = field(repr=False)


SECONDS = _(
    "The signed message begins with the time in seconds, the header has milliseconds: "
    "sign the very characters of X-Timestamp."
)
SEPARATOR = _(
    "There is a separator between timestamp and payload: sign the timestamp directly "
    "followed by the raw body, with no dot, colon or newline between."
)
ORDER = _("The payload comes before the timestamp: sign the timestamp first.")
NO_TIMESTAMP = _("The timestamp is not signed: sign it, directly before the payload.")
UPPER_CASE = _("The signature is in upper-case hex: send lowercase hex.")
BASE64 = _("The signature is in base64: send lowercase hex, 64 characters.")
DECORATED = _("The signature has a prefix or quotes: send the 64 hex digits alone.")
NEWLINE = _(
    "The body was signed without (or with) a trailing newline: sign the raw body "
    "bytes exactly as they are sent."
)
RESERIALISED = _(
    "The body was re-serialised after signing (other key order, spacing or escaping): "
    "make the JSON text once, sign these raw bytes and send the same."
)
BODY_FOR_PATH = _(
    "A body was signed for a GET, HEAD or DELETE: sign the path with its query there."
)
PATH_FOR_BODY = _(
    "The path was signed for a POST, PUT or PATCH: sign the raw body there."
)
NO_QUERY = _("The path was signed without its query: sign path?query as sent.")
NO_PATH = _("The query was signed without its path: sign path?query as sent.")
FULL_URL = _("The whole address was signed: sign the path with its query only.")
SLASH = _("The path was signed with another trailing slash than was sent.")
DECODED = _(
    "The path or query was signed decoded or encoded differently than sent: sign it "
    "exactly as on the request line."
)
SPACE_IN_SECRET = _(
    "The secret has white space, a newline or quotes around it: strip them before "
    "signing."
)
DECODED_SECRET = _(
    "The secret was decoded from hex or base64 before signing: use its characters "
    "(UTF-8) as the key."
)
OTHER_CLIENT = _(
    "The request is signed with the secret of another API client: send the X-Key-Id "
    "that belongs to the secret."
)
VERSION_MISSING = _(
    "The request is signed as version 2 wants it: send X-Signature-Version: 2."
)


def mistake_in(request: SignedRequest) -> StrOrPromise | None:
    """Return the hint for the first well-known mistake that matches, or None."""
    return named_mistake(request, request.message, _attempts(request))


def named_mistake(
    request: SignedRequest, message: bytes, attempts: Iterable[Attempt]
) -> StrOrPromise | None:
    """Return the hint of the attempt that was made instead of signing `message`."""
    if len(request.body) > LARGEST_BODY:
        return None
    given, presentation = _given_digest(request.signature)
    if given is None:
        return presentation
    right = hmac.compare_digest(given, digest(request.secret, message))
    if presentation and right:
        return presentation
    return _first_match(given, attempts)


def _first_match(given: bytes, attempts: Iterable[Attempt]) -> StrOrPromise | None:
    for attempt in attempts:
        made = hmac.digest(attempt.key, attempt.message, "sha256")
        if hmac.compare_digest(given, made):
            return attempt.hint
    return None


def _given_digest(signature: str) -> tuple[bytes | None, StrOrPromise | None]:
    """Read a signature however it is written; say how, if not in lowercase hex."""
    bare = re.sub(r"^(sha256|v1)[=,:]", "", signature.strip("\"' "))
    if _HEX.fullmatch(bare):
        decorated = DECORATED if bare != signature else None
        return bytes.fromhex(bare), decorated if bare == bare.lower() else UPPER_CASE
    try:
        padded = bare.replace("-", "+").replace("_", "/").rstrip("=") + "="
        raw = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return None, None
    return (raw, BASE64) if len(raw) == _DIGEST_BYTES else (None, None)


def _attempts(request: SignedRequest) -> Iterator[Attempt]:
    key = request.secret.encode()
    for hint, message in itertools.chain(
        _framings(request), _other_payloads(request), _rewritten_bodies(request)
    ):
        yield Attempt(hint, key, message)
    yield from other_keys(request, request.message)
    if is_nonce(request.nonce):
        yield Attempt(VERSION_MISSING, key, _version_2(request))


def _version_2(request: SignedRequest) -> bytes:
    return message_2(
        request.method, request.timestamp, request.nonce, request.target, request.body
    )


def _framings(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    stamp, payload = request.timestamp.encode(), request.payload
    yield SECONDS, stamp[:-3] + payload
    for separator in (b".", b"\n", b":", b" ", b"|", b"\r\n", b"&"):
        yield SEPARATOR, stamp + separator + payload
    for separator in (b"", b".", b"\n"):
        yield ORDER, payload + separator + stamp
    yield NO_TIMESTAMP, payload


def _other_payloads(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    stamp = request.timestamp.encode()
    is_body = request.method in METHODS_SIGNED_BY_BODY
    payloads = _instead_of_body(request) if is_body else _instead_of_path(request)
    return ((hint, stamp + payload) for hint, payload in payloads)


def _instead_of_body(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    path = request.target.partition(b"?")[0]
    method = request.method.encode()
    for payload in {request.target, path, method + path, method + request.target}:
        yield PATH_FOR_BODY, payload
        yield PATH_FOR_BODY, payload + request.body


def _instead_of_path(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    for body in {request.body, b"", b"{}", b"null", b"undefined", b'""'}:
        yield BODY_FOR_PATH, body
        yield BODY_FOR_PATH, request.target + body
    yield from other_targets(request)


def other_targets(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    """Give what may have been taken for the path with its query."""
    path, mark, query = request.target.partition(b"?")
    if mark:
        yield NO_QUERY, path
        yield NO_PATH, query
        yield NO_PATH, mark + query
    for scheme in (b"http://", b"https://", b""):
        yield FULL_URL, scheme + request.host.encode() + request.target
    bare = path.rstrip(b"/")
    for other in (bare, bare + b"/"):
        yield SLASH, other + mark + query
    yield DECODED, unquote_to_bytes(request.target)
    yield DECODED, unquote_to_bytes(request.target.replace(b"+", b" "))
    yield DECODED, path + mark + b"&".join(sorted(query.split(b"&")))


def _rewritten_bodies(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    if request.method not in METHODS_SIGNED_BY_BODY or not request.body:
        return
    stamp = request.timestamp.encode()
    for hint, body in other_bodies(request):
        yield hint, stamp + body


def other_bodies(request: SignedRequest) -> Iterator[tuple[StrOrPromise, bytes]]:
    """Give what the body may have been before it was written anew."""
    stripped = request.body.strip()
    for body in (stripped, stripped + b"\n", stripped + b"\r\n"):
        yield NEWLINE, body
    for body in other_json(stripped):
        yield RESERIALISED, body
        yield RESERIALISED, body + b"\n"


def other_keys(request: SignedRequest, message: bytes) -> Iterator[Attempt]:
    """Sign the right message with what may have been taken for the secret."""
    secret = request.secret
    for other in (
        secret.strip(),
        *(secret + end for end in ("\n", "\r\n", " ", "\r", "\t")),
        *(start + secret for start in (" ", "\t", "\n", "\ufeff")),
        *(f"{mark}{secret}{mark}" for mark in ("'", '"', " ")),
    ):
        yield Attempt(SPACE_IN_SECRET, other.encode(), message)
    for key in _decoded_secrets(secret):
        yield Attempt(DECODED_SECRET, key, message)
    for other in request.other_secrets:
        yield Attempt(OTHER_CLIENT, other.encode(), message)


def _decoded_secrets(secret: str) -> Iterator[bytes]:
    for decode in (bytes.fromhex, base64.b64decode):
        try:
            yield decode(secret)
        except ValueError:
            continue
