"""Tries which message, made with which secret, a pasted signature fits."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from channels_app.services.signatures.known import Mistake
from channels_app.services.signatures.mistakes import (
    LARGEST_BODY,
    SignedRequest,
    attempts_v1,
    first_match,
    given_digest,
)
from channels_app.services.signatures.mistakes_v2 import attempts_v2, right_message
from channels_app.services.signatures.pasted import PastedRequest
from channels_app.services.signatures.rewritten_json import other_json
from channels_app.services.signatures.signature import VERSION_2, digest


@dataclass(frozen=True)
class Secrets:
    """The good secrets of the client that is meant, and those of all others."""

    own: Sequence[str] = field(repr=False)
    others: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True)
class Fit:
    """What was found to be signed; without a mistake, it is what must be signed.

    `is_old` tells that the older of two secrets did it, `is_laid_out` that the text was
    laid out anew after it was sent.
    """

    right: bytes
    signed: bytes
    mistake: Mistake | None = None
    is_old: bool = False
    is_laid_out: bool = False


def right_messages(request: PastedRequest, version: str) -> tuple[bytes, ...]:
    """Return what must be signed, for each body that may have been sent."""
    forms = (_form(request, body) for body in request.bodies)
    return tuple(_right(form, version) for form in forms)


def fit_of(request: PastedRequest, version: str, secrets: Secrets) -> Fit | None:
    """Return what the signature fits, if it is the right message or a known mistake."""
    given, _presentation = given_digest(request.header("X-Signature"))
    if given is None:
        return None
    return _good(request, version, secrets, given) or _mistaken(
        request, version, secrets, given
    )


def _good(
    request: PastedRequest, version: str, secrets: Secrets, given: bytes
) -> Fit | None:
    plain = len(request.bodies)
    for index, body in enumerate((*request.bodies, *_other_layouts(request))):
        right = _right(_form(request, body), version)
        for secret in secrets.own:
            if hmac.compare_digest(given, digest(secret, right)):
                is_old = secret != secrets.own[0]
                is_laid_out = index >= plain
                return Fit(right, right, is_old=is_old, is_laid_out=is_laid_out)
    return None


def _mistaken(
    request: PastedRequest, version: str, secrets: Secrets, given: bytes
) -> Fit | None:
    attempts = attempts_v2 if version == VERSION_2 else attempts_v1
    for body in request.bodies:
        if len(body) > LARGEST_BODY:
            continue
        form = replace(_form(request, body), other_secrets=secrets.others)
        for secret in secrets.own:
            keyed = replace(form, secret=secret)
            made = first_match(given, attempts(keyed))
            if made:
                is_old = secret != secrets.own[0]
                return Fit(_right(form, version), made.message, made.mistake, is_old)
    return None


def _other_layouts(request: PastedRequest) -> Iterator[bytes]:
    """Give the body as it was before the text was laid out, if its length is known."""
    length = request.content_length
    if request.is_length_right or length is None or len(request.body) > LARGEST_BODY:
        return
    for body in other_json(request.body.strip()):
        for end in (b"", b"\n"):
            if len(body + end) == length:
                yield body + end


def _form(request: PastedRequest, body: bytes) -> SignedRequest:
    return SignedRequest(
        method=request.method,
        timestamp=request.header("X-Timestamp"),
        signature="",
        body=body,
        target=request.target,
        host=request.header("Host"),
        secret="",
        nonce=request.header("X-Nonce"),
    )


def _right(form: SignedRequest, version: str) -> bytes:
    return right_message(form) if version == VERSION_2 else form.message
