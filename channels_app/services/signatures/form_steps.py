"""What is seen of a pasted request without any secret, as steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels_app.services.signatures.mistakes import given_digest
from channels_app.services.signatures.pasted import PastedRequest
from channels_app.services.signatures.signature import (
    VERSION_1,
    VERSION_2,
    VERSIONS,
    StampFault,
    is_in_window,
    is_nonce,
    skew_ms,
    stamp_fault,
)
from channels_app.services.steps import Step

_SHOWN = 64


class SignatureStage(StrEnum):
    """What a signed request passes, in this order; a value is a step's name."""

    HEADERS = "headers"
    VERSION = "version"
    TIMESTAMP = "timestamp"
    WINDOW = "window"
    KEY_ID = "key_id"
    ACCEPTED = "accepted"
    FORM = "form"
    BODY = "body"
    SIGNATURE = "signature"
    REPLAY = "replay"


TITLES = {
    SignatureStage.HEADERS: gettext_lazy("The headers are there"),
    SignatureStage.VERSION: gettext_lazy("Version of the signature"),
    SignatureStage.TIMESTAMP: gettext_lazy("X-Timestamp is in milliseconds"),
    SignatureStage.WINDOW: gettext_lazy("The time is within five minutes"),
    SignatureStage.KEY_ID: gettext_lazy("The API client is known and active"),
    SignatureStage.ACCEPTED: gettext_lazy("The client may sign with this version"),
    SignatureStage.FORM: gettext_lazy("X-Signature is 64 lowercase hex digits"),
    SignatureStage.BODY: gettext_lazy("The body is whole"),
    SignatureStage.SIGNATURE: gettext_lazy("The signature matches"),
    SignatureStage.REPLAY: gettext_lazy("It was not used before"),
}


def step(
    stage: SignatureStage, ok: bool | None, evidence: str = "", *remedy: str
) -> Step:
    """Return a step of a signed request."""
    return Step(stage.value, ok, evidence, remedy, heading=TITLES[stage])


def version_of(request: PastedRequest) -> str:
    """Return the version by which a request is examined."""
    is_second = request.header("X-Signature-Version") == VERSION_2
    return VERSION_2 if is_second else VERSION_1


def form_steps(request: PastedRequest, now_ms: int) -> Iterator[Step]:
    """Give the steps that need neither a client nor its secret."""
    yield _headers(request)
    yield _version(request)
    yield _timestamp(request)
    yield _window(request, now_ms)
    yield _form(request)
    yield _body(request)


def _headers(request: PastedRequest) -> Step:
    needed = ["X-Timestamp", "X-Signature"]
    if version_of(request) == VERSION_2:
        needed.append("X-Nonce")
    missing = [name for name in needed if not request.header(name)]
    if not missing:
        return step(SignatureStage.HEADERS, True, ", ".join(needed))
    return step(
        SignatureStage.HEADERS,
        False,
        _("Missing: %(names)s.") % {"names": ", ".join(missing)},
        _("Send them with each request. A proxy may have taken them away."),
    )


def _version(request: PastedRequest) -> Step:
    said, nonce = request.header("X-Signature-Version"), request.header("X-Nonce")
    if said not in ("", *VERSIONS):
        return step(
            SignatureStage.VERSION,
            False,
            _("X-Signature-Version is “%(said)s”.") % {"said": _short(said)},
            _("X-Signature-Version is 2, or is left out for version 1."),
        )
    if said == VERSION_2 and nonce and not is_nonce(nonce):
        return step(
            SignatureStage.VERSION,
            False,
            _("X-Nonce is not usable as a nonce."),
            _(
                "Send 16 to 128 characters: letters, digits and . _ ~ + / = - only; "
                "32 random hex digits, for example."
            ),
        )
    return step(SignatureStage.VERSION, True, version_of(request))


def _timestamp(request: PastedRequest) -> Step:
    said = request.header("X-Timestamp")
    if not said:
        return step(SignatureStage.TIMESTAMP, None)
    fault = stamp_fault(said)
    if fault is None:
        return step(SignatureStage.TIMESTAMP, True, said)
    if fault is StampFault.SECONDS:
        remedy = _("You sent seconds, send milliseconds: 13 digits.")
    else:
        remedy = _("Send the milliseconds since 1970 (UTC): 13 digits, nothing else.")
    return step(SignatureStage.TIMESTAMP, False, _short(said), remedy)


def _window(request: PastedRequest, now_ms: int) -> Step:
    said = request.header("X-Timestamp")
    if not said or stamp_fault(said) is not None:
        return step(SignatureStage.WINDOW, None)
    skew = skew_ms(said, now_ms)
    evidence = _said_of(int(said), skew)
    if is_in_window(skew):
        return step(SignatureStage.WINDOW, True, evidence)
    return step(SignatureStage.WINDOW, False, evidence, *_remedies_of_skew(skew))


def _said_of(stamp: int, skew: int) -> str:
    time = datetime.fromtimestamp(stamp / 1000, UTC)
    names = {
        "time": time.isoformat(sep=" ", timespec="seconds"),
        "seconds": f"{abs(skew) / 1000:,.1f}",
    }
    if skew > 0:
        return _("%(time)s: %(seconds)s s after the time here.") % names
    return _("%(time)s: %(seconds)s s before the time here.") % names


def _remedies_of_skew(skew: int) -> tuple[str, ...]:
    if skew > 0:
        return (_("The caller's clock is ahead: let it follow a time server (NTP)."),)
    return (
        _(
            "If it was sent only now, the caller's clock is behind: let it follow a time "
            "server (NTP)."
        ),
        _("If it was tried again, make a new timestamp and signature for each try."),
        _("If you pasted an older request, its age alone is no fault."),
    )


def _form(request: PastedRequest) -> Step:
    said = request.header("X-Signature")
    if not said:
        return step(SignatureStage.FORM, None)
    digest, presentation = given_digest(said)
    if presentation:
        return step(SignatureStage.FORM, False, "", str(presentation.hint))
    if digest is None:
        return step(
            SignatureStage.FORM,
            False,
            _("It has %(count)d characters.") % {"count": len(said)},
            _("Send HMAC-SHA256 in lowercase hex: 64 digits."),
        )
    return step(SignatureStage.FORM, True)


def _body(request: PastedRequest) -> Step:
    size, declared = len(request.bodies[0]), request.content_length
    names = {"size": size, "pasted": len(request.body), "declared": declared}
    if not request.is_length_right:
        return step(
            SignatureStage.BODY,
            False,
            _("Content-Length says %(declared)d bytes, the text has %(pasted)d.")
            % names,
            _(
                "Paste the body as it was sent, not laid out anew. If it was, the header "
                "is wrong, and the service read another body: leave it to the library."
            ),
        )
    text = ngettext("%(size)d byte", "%(size)d bytes", size) % names
    if len(request.bodies) > 1:
        text += _("; without Content-Length a line end at its end may be the editor's")
    return step(SignatureStage.BODY, True, f"{text}.")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
