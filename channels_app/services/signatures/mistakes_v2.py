"""Which well-known mistake made a signature of version 2 wrong; see `mistakes`."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.services.signatures.mistakes import (
    Attempt,
    SignedRequest,
    named_mistake,
    other_bodies,
    other_keys,
    other_targets,
)
from channels_app.services.signatures.signature import VERSION_2, message_1, message_2

Signed = Iterator[tuple[StrOrPromise, bytes]]
# One of these stands in each line of a message.
Lines = tuple[bytes, bytes, bytes, bytes, bytes, bytes]

VERSION_1_SIGNED = _(
    "The request is signed as version 1 wants it: leave X-Signature-Version out, or sign "
    "the version, timestamp, nonce, method, path with query and SHA-256 of the body, "
    "one per line."
)
LINE_ENDS = _(
    "The lines of the signed message are joined differently: put one line feed (\\n) "
    "between them, and none after the last."
)
LINE_ORDER = _(
    "The lines of the signed message have another order: version, timestamp, nonce, "
    "method, path with query, SHA-256 of the body."
)
LINE_MISSING = _(
    "A line of the signed message is missing: version, timestamp, nonce, method, path "
    "with query and SHA-256 of the body are six lines."
)
SECONDS_SIGNED = _(
    "The signed message has the time in seconds, the header has milliseconds: sign the "
    "very characters of X-Timestamp."
)
METHOD_CASE = _("The method is signed in lower case: sign it in upper case.")
RAW_BODY = _(
    "The body itself is signed: sign the lowercase hex of its SHA-256 in its place."
)
DIGEST_FORM = _(
    "The SHA-256 of the body is signed in base64 or upper-case hex: sign lowercase hex."
)
BODY_LEFT_OUT = _(
    "The body is left out of the signed message: version 2 signs the SHA-256 of every "
    "body, also that of a DELETE, and that of nothing when there is none."
)
VERSION_WRITTEN = _(
    "The first line of the signed message is not the version as in X-Signature-Version: "
    "it is the digit 2 alone."
)


def mistake_in_v2(request: SignedRequest) -> StrOrPromise | None:
    """Return the hint for the first well-known mistake that matches, or None."""
    return named_mistake(request, right_message(request), attempts_v2(request))


def right_message(request: SignedRequest) -> bytes:
    """Return what should have been signed."""
    return message_2(
        request.method, request.timestamp, request.nonce, request.target, request.body
    )


def attempts_v2(request: SignedRequest) -> Iterator[Attempt]:
    """Give the mistaken ways to sign, the likely ones first."""
    key = request.secret.encode()
    for hint, message in itertools.chain(
        _version_1(request), _other_lines(request), _other_frames(request)
    ):
        yield Attempt(hint, key, message)
    yield from other_keys(request, right_message(request))


def _lines(request: SignedRequest) -> Lines:
    return (
        VERSION_2.encode(),
        request.timestamp.encode(),
        request.nonce.encode(),
        request.method.encode(),
        request.target,
        hashlib.sha256(request.body).hexdigest().encode(),
    )


def _version_1(request: SignedRequest) -> Signed:
    message = message_1(request.method, request.timestamp, request.target, request.body)
    yield VERSION_1_SIGNED, message


def _other_lines(request: SignedRequest) -> Signed:
    """Give messages of which one line is wrong."""
    version, stamp, nonce, method, target, body = _lines(request)
    for hint, other in _other_digests(request):
        yield hint, b"\n".join((version, stamp, nonce, method, target, other))
    for hint, other in other_targets(request):
        yield hint, b"\n".join((version, stamp, nonce, method, other, body))
    yield (
        SECONDS_SIGNED,
        b"\n".join((version, stamp[:-3], nonce, method, target, body)),
    )
    yield METHOD_CASE, b"\n".join((version, stamp, nonce, method.lower(), target, body))
    for other in (b"v2", b"V2", b"X-Signature-Version: 2"):
        yield VERSION_WRITTEN, b"\n".join((other, stamp, nonce, method, target, body))


def _other_digests(request: SignedRequest) -> Signed:
    """Give what may stand in the place of the body's digest."""
    raw = hashlib.sha256(request.body)
    yield RAW_BODY, request.body
    yield DIGEST_FORM, raw.hexdigest().upper().encode()
    yield DIGEST_FORM, base64.b64encode(raw.digest())
    yield DIGEST_FORM, base64.urlsafe_b64encode(raw.digest()).rstrip(b"=")
    for nothing in (b"", hashlib.sha256(b"").hexdigest().encode()):
        yield BODY_LEFT_OUT, nothing
    for hint, body in other_bodies(request):
        yield hint, hashlib.sha256(body).hexdigest().encode()


def _other_frames(request: SignedRequest) -> Signed:
    """Give the right lines put together in wrong ways."""
    lines = _lines(request)
    for separator in (b"", b"\r\n", b".", b":", b"|", b" ", b"&", b"\\n"):
        yield LINE_ENDS, separator.join(lines)
    for end in (b"\n", b"\r\n"):
        yield LINE_ENDS, b"\n".join(lines) + end
    for count in (1, 2):
        for left in itertools.combinations(range(len(lines)), len(lines) - count):
            yield LINE_MISSING, b"\n".join(lines[index] for index in left)
    for order in itertools.permutations(lines):
        yield LINE_ORDER, b"\n".join(order)
