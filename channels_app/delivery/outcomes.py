"""What a try came to: from an answer or a failure to the row that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import random
from typing import Any

from channels_app.delivery.carriage import CarriageOutcome, Carried
from channels_app.delivery.claims import Claim
from channels_app.delivery.policy import Failure, RetryPolicy, wait_before_retry
from channels_app.delivery.recording import Result
from channels_app.models import Guarantee, Outcome, Status
from channels_app.senders.contract import (
    FailureClass,
    PermanentSendError,
    Receipt,
    RetryableSendError,
    Sender,
    SendError,
)

EXCERPT_CHARACTERS = 2000
# What was stopped before its first byte is looked at again so soon.
WITHDRAWN_WAIT = 2.0


@dataclass(frozen=True)
class Verdict:
    """A result to record, and what else must be done about the channel config."""

    result: Result
    config_changes: Mapping[str, Any] = field(default_factory=dict)
    is_destination_gone: bool = False


def _base(claim: Claim, parts_sent: int, carried: Carried | None) -> Result:
    answer = carried.answer if carried else None
    return Result(
        log_id=claim.id,
        attempt_no=claim.attempt_no,
        outcome=Outcome.OK,
        status=Status.SENT,
        parts_sent=parts_sent,
        http_status=answer.status if answer else None,
        latency_ms=round(carried.timing.total * 1000) if carried else None,
        response_excerpt=_excerpt(carried),
    )


def _excerpt(carried: Carried | None) -> str:
    text = ""
    if carried and carried.answer is not None:
        text = carried.answer.body.decode("utf-8", "replace")
    elif carried and isinstance(carried.said, Receipt):
        text = carried.said.detail
    return text.replace("\x00", "\ufffd")[:EXCERPT_CHARACTERS]


def accepted(claim: Claim, parts_sent: int, carried: Carried) -> Verdict:
    """Return the verdict of a delivery whose last part the provider took."""
    return Verdict(_base(claim, parts_sent, carried))


def refused_before_sending(claim: Claim, code: str, detail: str = "") -> Verdict:
    """Return the verdict of a delivery that cannot be put into a request."""
    result = replace(
        _base(claim, claim.parts_sent, None),
        outcome=Outcome.REJECTED,
        status=Status.FAILED,
        error_code=code,
        error=detail,
    )
    return Verdict(result)


def not_accepted(
    claim: Claim,
    sender: Sender,
    error: SendError,
    carried: Carried,
    *,
    parts_sent: int,
    policy: RetryPolicy,
) -> Verdict:
    """Return the verdict of an answer that the sender read as a refusal."""
    base = replace(
        _base(claim, parts_sent, carried), error_code=error.code, error=error.detail
    )
    row = sender.errors.get(error.code)
    correction = error.correction
    if correction is not None and not claim.is_corrected:
        mended = _corrected(base, plain_text=correction.plain_text)
        return Verdict(mended, correction.config_changes)
    if isinstance(error, PermanentSendError) or correction is not None:
        gone = row is not None and row.failure is FailureClass.GONE
        return Verdict(
            replace(base, outcome=Outcome.REJECTED, status=Status.FAILED),
            is_destination_gone=gone,
        )
    costs = row.costs_try if row else True
    asked = error.retry_after if isinstance(error, RetryableSendError) else None
    base = replace(base, outcome=Outcome.FAILED, retry_after=asked)
    return Verdict(_retried(claim, base, policy, costs_retry=costs))


def _corrected(base: Result, *, plain_text: bool) -> Result:
    return replace(
        base,
        outcome=Outcome.FAILED,
        status=Status.RETRYING,
        is_corrected=True,
        send_plain=plain_text,
    )


def not_carried(
    claim: Claim, carried: Carried, *, parts_sent: int, policy: RetryPolicy
) -> Verdict:
    """Return the verdict of a request that brought no answer."""
    failure = carried.failure
    if failure is None:
        raise ValueError("This request brought an answer.")
    base = replace(
        _base(claim, parts_sent, carried),
        error_code=failure.code,
        error=failure.detail,
    )
    if failure.outcome is CarriageOutcome.UNKNOWN:
        return Verdict(_unknown(claim, base, policy))
    base = replace(base, outcome=Outcome.NOT_SENT)
    if failure.code == "withdrawn":
        waits = replace(base, status=Status.RETRYING, delay=WITHDRAWN_WAIT)
        return Verdict(waits)
    if not failure.retryable:
        return Verdict(replace(base, status=Status.FAILED))
    return Verdict(_retried(claim, base, policy, costs_retry=False))


def _unknown(claim: Claim, base: Result, policy: RetryPolicy) -> Result:
    base = replace(base, outcome=Outcome.UNKNOWN)
    if claim.guarantee == Guarantee.AT_MOST_ONCE:
        return replace(base, status=Status.UNKNOWN)
    return _retried(claim, replace(base, may_duplicate=True), policy, costs_retry=True)


def _retried(
    claim: Claim, base: Result, policy: RetryPolicy, *, costs_retry: bool
) -> Result:
    failure = Failure(
        retries_spent=claim.retry_count,
        attempt_no=claim.attempt_no,
        age=claim.age,
        costs_retry=costs_retry,
        retry_after=base.retry_after,
        dice=random(),  # noqa: S311
    )
    wait = wait_before_retry(policy, failure)
    if wait is None:
        return replace(base, status=Status.FAILED, costs_retry=costs_retry)
    return replace(base, status=Status.RETRYING, delay=wait, costs_retry=costs_retry)
