"""Which well-known mistake made a signature of version 2 wrong; see `mistakes`."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator

from channels_app.services.signatures import known
from channels_app.services.signatures.known import Mistake
from channels_app.services.signatures.mistakes import (
    Attempt,
    Mistaken,
    SignedRequest,
    named_mistake,
    other_bodies,
    other_keys,
    other_targets,
)
from channels_app.services.signatures.signature import VERSION_2, message_1, message_2

# One of these stands in each line of a message.
Lines = tuple[bytes, bytes, bytes, bytes, bytes, bytes]


def mistake_in_v2(request: SignedRequest) -> Mistake | None:
    """Return the first well-known mistake that matches, or None."""
    return named_mistake(request, right_message(request), attempts_v2(request))


def right_message(request: SignedRequest) -> bytes:
    """Return what should have been signed."""
    return message_2(
        request.method, request.timestamp, request.nonce, request.target, request.body
    )


def attempts_v2(request: SignedRequest) -> Iterator[Attempt]:
    """Give the mistaken ways to sign, the likely ones first."""
    key = request.secret.encode()
    for mistake, message in itertools.chain(
        _version_1(request), _other_lines(request), _other_frames(request)
    ):
        yield Attempt(mistake, key, message)
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


def _version_1(request: SignedRequest) -> Mistaken:
    message = message_1(request.method, request.timestamp, request.target, request.body)
    yield known.VERSION_1_SIGNED, message


def _other_lines(request: SignedRequest) -> Mistaken:
    """Give messages of which one line is wrong."""
    version, stamp, nonce, method, target, body = _lines(request)
    for mistake, other in _other_digests(request):
        yield mistake, b"\n".join((version, stamp, nonce, method, target, other))
    for mistake, other in other_targets(request):
        yield mistake, b"\n".join((version, stamp, nonce, method, other, body))
    yield (
        known.SECONDS_SIGNED,
        b"\n".join((version, stamp[:-3], nonce, method, target, body)),
    )
    yield (
        known.METHOD_CASE,
        b"\n".join((version, stamp, nonce, method.lower(), target, body)),
    )
    for other in (b"v2", b"V2", b"X-Signature-Version: 2"):
        yield (
            known.VERSION_WRITTEN,
            b"\n".join((other, stamp, nonce, method, target, body)),
        )


def _other_digests(request: SignedRequest) -> Mistaken:
    """Give what may stand in the place of the body's digest."""
    raw = hashlib.sha256(request.body)
    yield known.RAW_BODY, request.body
    yield known.DIGEST_FORM, raw.hexdigest().upper().encode()
    yield known.DIGEST_FORM, base64.b64encode(raw.digest())
    yield known.DIGEST_FORM, base64.urlsafe_b64encode(raw.digest()).rstrip(b"=")
    for nothing in (b"", hashlib.sha256(b"").hexdigest().encode()):
        yield known.BODY_LEFT_OUT, nothing
    for mistake, body in other_bodies(request):
        yield mistake, hashlib.sha256(body).hexdigest().encode()


def _other_frames(request: SignedRequest) -> Mistaken:
    """Give the right lines put together in wrong ways."""
    lines = _lines(request)
    for separator in (b"", b"\r\n", b".", b":", b"|", b" ", b"&", b"\\n"):
        yield known.LINE_ENDS, separator.join(lines)
    for end in (b"\n", b"\r\n"):
        yield known.LINE_ENDS, b"\n".join(lines) + end
    for count in (1, 2):
        for left in itertools.combinations(range(len(lines)), len(lines) - count):
            yield known.LINE_MISSING, b"\n".join(lines[index] for index in left)
    for order in itertools.permutations(lines):
        yield known.LINE_ORDER, b"\n".join(order)
