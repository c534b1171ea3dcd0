"""The known ways to sign wrongly with version 2; see `mistakes`."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator

from notifications_client.doctor.mistakes import (
    SECONDS_SIGNED,
    Attempt,
    Named,
    other_bodies,
    other_keys,
    other_targets,
)
from notifications_client.signing import ToSign, message_v1, message_v2

VERSION_1_SIGNED = "version-1-signed"
LINE_ENDS = "line-ends"
LINE_ORDER = "line-order"
LINE_MISSING = "line-missing"
METHOD_CASE = "method-case"
RAW_BODY = "raw-body"
DIGEST_FORM = "digest-form"
BODY_LEFT_OUT = "body-left-out"
VERSION_WRITTEN = "version-written"

_VERSION, _STAMP, _NONCE, _METHOD, _TARGET, _BODY = range(6)


def attempts_v2(
    request: ToSign, stamp_and_nonce: tuple[str, str], secret: str, host: str
) -> Iterator[Attempt]:
    """Give the mistaken ways to sign with version 2, the likely ones first."""
    timestamp, nonce = stamp_and_nonce
    right = message_v2(request, timestamp, nonce)
    lines = tuple(right.split(b"\n"))
    for name, message in itertools.chain(
        [(VERSION_1_SIGNED, message_v1(request, timestamp))],
        _other_lines(lines, request, host),
        _other_frames(lines),
    ):
        yield Attempt(name, secret.encode(), message)
    yield from other_keys(secret, right)


def _other_lines(lines: tuple[bytes, ...], request: ToSign, host: str) -> Named:
    """Give messages of which one line is wrong."""
    changes = itertools.chain(
        ((_BODY, change) for change in _other_digests(request.body)),
        ((_TARGET, change) for change in other_targets(lines[_TARGET], host)),
        [
            (_STAMP, (SECONDS_SIGNED, lines[_STAMP][:-3])),
            (_METHOD, (METHOD_CASE, lines[_METHOD].lower())),
        ],
        (
            (_VERSION, (VERSION_WRITTEN, other))
            for other in (b"v2", b"V2", b"X-Signature-Version: 2")
        ),
    )
    for place, (name, other) in changes:
        yield name, b"\n".join((*lines[:place], other, *lines[place + 1 :]))


def _other_digests(body: bytes) -> Named:
    """Give what may stand in the place of the body's digest."""
    raw = hashlib.sha256(body)
    yield RAW_BODY, body
    yield DIGEST_FORM, raw.hexdigest().upper().encode()
    yield DIGEST_FORM, base64.b64encode(raw.digest())
    yield DIGEST_FORM, base64.urlsafe_b64encode(raw.digest()).rstrip(b"=")
    for nothing in (b"", hashlib.sha256(b"").hexdigest().encode()):
        yield BODY_LEFT_OUT, nothing
    for name, other in other_bodies(body):
        yield name, hashlib.sha256(other).hexdigest().encode()


def _other_frames(lines: tuple[bytes, ...]) -> Named:
    """Give the right lines put together in wrong ways."""
    for separator in (b"", b"\r\n", b".", b":", b"|", b" ", b"&", b"\\n"):
        yield LINE_ENDS, separator.join(lines)
    for end in (b"\n", b"\r\n"):
        yield LINE_ENDS, b"\n".join(lines) + end
    for count in (1, 2):
        for kept in itertools.combinations(lines, len(lines) - count):
            yield LINE_MISSING, b"\n".join(kept)
    for order in itertools.permutations(lines):
        yield LINE_ORDER, b"\n".join(order)
