"""The ends an attempt can come to, as the engine's own verdicts on them."""

from __future__ import annotations

from datetime import UTC, datetime

from channels_app.delivery.carriage import CarriageFailure, CarriageOutcome, Carried
from channels_app.delivery.claims import Claim
from channels_app.delivery.outcomes import accepted, not_accepted, not_carried
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recording import Result
from channels_app.senders.contract import (
    Answer,
    PermanentSendError,
    RetryableSendError,
    SendError,
)
from channels_app.senders.registry import SENDERS
from tests.channels_app.delivery.reference_model import COUNTED_TRIES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = RetryPolicy((10,) * (COUNTED_TRIES - 1))
WEBHOOK = SENDERS["webhook"]

# Outcomes as the model has them, and the codes by which the engine tells of them.
CODES = {
    "failed": "http_500",
    "limited": "http_429",
    "rejected": "http_404",
    "not_sent": "connection_refused",
    "unknown": "outcome_unknown",
}
CLASSES = {code: name for name, code in CODES.items()}


def answered(status: int) -> Carried:
    return Carried(None, Answer(status, NOW), None)


def result_of(taken: Claim, outcome: str) -> Result:
    """Return what the engine makes of an attempt that ended so."""
    if outcome == "ok":
        return accepted(taken, 1, answered(200)).result
    if outcome in {"not_sent", "unknown"}:
        failure = CarriageFailure(CODES[outcome], CarriageOutcome(outcome), "", True)
        carried = Carried(None, None, failure)
        return not_carried(taken, carried, parts_sent=0, policy=POLICY).result
    code = CODES[outcome]
    is_final = outcome == "rejected"
    error: SendError = (
        PermanentSendError(code) if is_final else RetryableSendError(code)
    )
    carried = answered(int(code.removeprefix("http_")))
    verdict = not_accepted(taken, WEBHOOK, error, carried, parts_sent=0, policy=POLICY)
    return verdict.result
