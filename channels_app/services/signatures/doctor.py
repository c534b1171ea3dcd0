"""Examines a pasted request: which step of the signature it fails at, and why."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from channels_app.delivery.once import SignatureUse
from channels_app.models import DEFAULT_KEY_ID, CannotDecryptError
from channels_app.selectors.clients import Signer, other_secrets, signer_with
from channels_app.services.limits import Limit, count_failure
from channels_app.services.replays import is_used, nonce_use, signature_use
from channels_app.services.signatures import known
from channels_app.services.signatures.comparison import Comparison, compare, visible
from channels_app.services.signatures.fitting import (
    Fit,
    Secrets,
    fit_of,
    right_messages,
)
from channels_app.services.signatures.form_steps import (
    SignatureStage,
    form_steps,
    step,
    version_of,
)
from channels_app.services.signatures.hiding import Hiding
from channels_app.services.signatures.known import WHAT_VERSION_2_SIGNS
from channels_app.services.signatures.mistakes import given_digest
from channels_app.services.signatures.pasted import PastedRequest
from channels_app.services.signatures.signature import MUTATING_METHODS, VERSION_2
from channels_app.services.steps import Step

WINDOW_SECONDS = 300
_SHOWN = 64
_ORDER = list(SignatureStage)


@dataclass(frozen=True)
class SignatureDiagnosis:
    """What was found. It holds no secret and no signature.

    `mistake` is the name of a known mistake; `client_id` and `client` are empty where no
    active client is meant.
    """

    request_line: str
    version: str
    key_id: str
    client_id: int | None
    client: str
    steps: tuple[Step, ...]
    mistake: str
    comparison: Comparison

    @property
    def is_good(self) -> bool:
        """Whether the service would take it."""
        return all(step.ok for step in self.steps)


@dataclass(frozen=True)
class _Case:
    """A pasted request with the client that is meant, as far as there is one."""

    request: PastedRequest
    version: str
    key_id: str
    signer: Signer | None
    fit: Fit | None
    is_lost: bool

    @property
    def said_key_id(self) -> str:
        return self.request.header("X-Key-Id") or DEFAULT_KEY_ID


def limit_examinations(who: str) -> None:
    """Count an examination by a person, as wrong signatures are counted.

    Raises RequestRefusedError(RATE_LIMITED): nobody may try more signatures here than
    at the API.
    """
    limit = Limit("signature_doctor", settings.LIMIT_BAD_SIGNATURES, WINDOW_SECONDS)
    count_failure(limit, who)


def examine_signature(
    request: PastedRequest, *, key_id: str = "", now_ms: int | None = None
) -> SignatureDiagnosis:
    """Examine a request against the secrets of the client it names, or of `key_id`.

    Sends nothing, and spends no signature.
    """
    meant = key_id or request.header("X-Key-Id") or DEFAULT_KEY_ID
    others = other_secrets(key_id=meant)
    signer, is_lost = _signer(meant)
    own = signer.secrets if signer else ()
    version = version_of(request)
    fit = fit_of(request, version, Secrets(own, others)) if signer else None
    case = _Case(request, version, meant, signer, fit, is_lost)
    now = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    hidden = Hiding((*own, *others))
    return SignatureDiagnosis(
        request_line=hidden.text(_request_line(request)),
        version=version,
        key_id=hidden.text(meant)[:_SHOWN],
        client_id=signer.client.pk if signer else None,
        client=str(signer.client) if signer else "",
        steps=tuple(hidden.step(found) for found in _steps(case, now)),
        mistake=_mistake(case),
        comparison=_comparison(case, hidden),
    )


def _signer(key_id: str) -> tuple[Signer | None, bool]:
    """Return the client, and whether its secret is there but lost."""
    try:
        return signer_with(key_id=key_id), False
    except CannotDecryptError:
        return None, True


def _request_line(request: PastedRequest) -> str:
    return f"{request.method} {visible(request.target[:512])}"


def _mistake(case: _Case) -> str:
    if case.fit and case.fit.mistake:
        return case.fit.mistake.name
    _digest, presentation = given_digest(case.request.header("X-Signature"))
    if case.fit and presentation:
        return presentation.name
    return known.OTHER_CLIENT.name if case.fit and _is_other(case) else ""


def _comparison(case: _Case, hidden: Hiding) -> Comparison:
    if case.fit:
        return compare(hidden.data(case.fit.right), hidden.data(case.fit.signed))
    right = right_messages(case.request, case.version)[0]
    return compare(hidden.data(right), None)


def _steps(case: _Case, now_ms: int) -> list[Step]:
    found = [
        *form_steps(case.request, now_ms),
        _key_id(case),
        _accepted(case),
        _matches(case),
        _replay(case),
    ]
    if case.fit and case.fit.is_laid_out:
        found = [_body_as_sent(case) if _is_body(one) else one for one in found]
    return sorted(found, key=lambda one: _ORDER.index(SignatureStage(one.name)))


def _is_body(found: Step) -> bool:
    return found.name == SignatureStage.BODY


def _body_as_sent(case: _Case) -> Step:
    return step(
        SignatureStage.BODY,
        True,
        _(
            "The text was laid out anew after it was sent; the body of %(declared)d bytes "
            "that Content-Length names is known from its signature."
        )
        % {"declared": case.request.content_length},
    )


def _is_other(case: _Case) -> bool:
    return case.key_id != case.said_key_id


def _key_id(case: _Case) -> Step:
    stage, names = SignatureStage.KEY_ID, {"key_id": case.key_id}
    if case.is_lost:
        return step(
            stage,
            False,
            _("The secret of “%(key_id)s” cannot be read: its key is lost.") % names,
            _("Put the old key into ENCRYPT_KEYS_OLD, or make a new secret."),
        )
    if case.signer is None:
        return step(
            stage,
            False,
            _("No active API client has the key id “%(key_id)s”.")
            % {"key_id": case.key_id[:_SHOWN]},
            _("Send the X-Key-Id that its page under API clients shows."),
        )
    if _is_other(case):
        said = {"said": case.said_key_id[:_SHOWN], **names}
        return step(
            stage,
            False,
            _("The request is that of “%(said)s”, not of “%(key_id)s”.") % said,
            _("Send X-Key-Id: %(key_id)s, if this is the client.") % names,
        )
    return step(stage, True, str(case.signer.client))


def _accepted(case: _Case) -> Step:
    stage = SignatureStage.ACCEPTED
    if case.signer is None:
        return step(stage, None)
    if case.signer.client.needs_signature_v2 and case.version != VERSION_2:
        return step(
            stage,
            False,
            _("This API client takes signatures of version 2 only."),
            _("Send X-Signature-Version: 2 and X-Nonce. %(how)s")
            % {"how": WHAT_VERSION_2_SIGNS},
        )
    return step(stage, True)


def _matches(case: _Case) -> Step:
    stage, fit = SignatureStage.SIGNATURE, case.fit
    digest, _presentation = given_digest(case.request.header("X-Signature"))
    if case.signer is None or digest is None:
        return step(stage, None)
    if fit is None:
        return step(
            stage,
            False,
            _("It fits neither the request nor a known mistake."),
            _(
                "Most likely it was made with another secret, or the request was changed "
                "on its way. Compare what your program signs with what must be signed, "
                "byte for byte."
            ),
        )
    old = _("It is signed with the client's old secret.") if fit.is_old else ""
    if fit.mistake is None:
        return step(stage, True, old)
    return step(stage, False, old, str(fit.mistake.hint))


def _replay(case: _Case) -> Step:
    stage, request = SignatureStage.REPLAY, case.request
    if case.fit is None or case.fit.mistake is not None:
        return step(stage, None)
    if request.method not in MUTATING_METHODS:
        return step(stage, True, _("What only reads may be sent again."))
    if not settings.API_REFUSE_REPLAYS:
        return step(stage, True, _("Used signatures are not refused here."))
    if not is_used(_use(case)):
        return step(stage, True)
    return step(
        stage,
        False,
        _("The service has taken a request with this signature already."),
        _(
            "Make a new timestamp, nonce and signature for each try, and keep the "
            "idempotency key."
        ),
    )


def _use(case: _Case) -> SignatureUse:
    request = case.request
    if case.version == VERSION_2:
        return nonce_use(key_id=case.said_key_id, nonce=request.header("X-Nonce"))
    return signature_use(
        key_id=case.said_key_id,
        signature=request.header("X-Signature"),
        timestamp=request.header("X-Timestamp"),
    )
