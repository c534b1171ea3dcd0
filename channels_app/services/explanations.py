"""Why a delivery did not arrive: cause, evidence, remedy, and who can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from channels_app.delivery.carriage_errors import CARRIAGE_ERRORS
from channels_app.delivery.errors import ENGINE_ERRORS
from channels_app.delivery.restored import RESTORED
from channels_app.delivery.waiting_errors import WAITING_ERRORS
from channels_app.models import DeliveryAttempt, NotificationLog, Status
from channels_app.selectors.waiting import earlier_of_key, reason_of_waiting
from channels_app.senders.contract import FailureClass, KnownError
from channels_app.senders.registry import SENDERS
from channels_app.senders.waiting_steps import WAITING_STEPS

_CODE_OF_STATUS = {
    Status.FAILED: "unrecognised",
    Status.CANCELLED: "cancelled",
    Status.EXPIRED: "expired",
    Status.UNKNOWN: "outcome_unknown",
}
# Verdicts of the engine on a delivery whose tries failed of something else.
_VERDICTS = frozenset({"retries_exhausted", "too_old", "outcome_unknown"})


class Severity(StrEnum):
    """How much an explanation asks of its reader."""

    CRITICAL = "critical"  # it did not arrive, and will not by itself
    WARNING = "warning"  # it is not there yet, or nobody knows
    INFO = "info"  # it is as somebody wanted it


@dataclass(frozen=True)
class Explanation:
    """One failure explained. `who` is an Actor; `remedy` holds steps in order."""

    id: str
    severity: Severity
    who: str
    title: str
    cause: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedy: tuple[str, ...] = ()
    verify: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give the shape of an API answer."""
        return {**asdict(self), "remedy": list(self.remedy)}


def known_error(code: str, channel_type: str) -> KnownError | None:
    """Return the row of a code: the sender's, the carriage's or the engine's."""
    sender = SENDERS.get(channel_type)
    own = sender.errors.get(code) if sender else None
    return own or CARRIAGE_ERRORS.get(code) or ENGINE_ERRORS.get(code)


def explain(
    log: NotificationLog, attempts: Iterable[DeliveryAttempt] | None = None
) -> Explanation | None:
    """Return why a delivery is not where it should be; None when nothing is wrong.

    Without `attempts` they are read: one query, and only if there is something
    to explain.
    """
    code = _code_to_explain(log)
    if code is None:
        return None
    tries = list(log.attempts.order_by("number") if attempts is None else attempts)
    row, beneath = _rows(log, code, tries)
    return Explanation(
        id=row.code,
        severity=_severity(log, row),
        who=(beneath or row).actor.value,
        title=str(row.title),
        cause=_joined(row.cause, beneath.cause if beneath else ""),
        evidence=_evidence(log, tries, beneath),
        remedy=_remedy(row, beneath),
        verify=str(row.verify or (beneath.verify if beneath else "")),
    )


def _code_to_explain(log: NotificationLog) -> str | None:
    status = Status(log.status)
    if status == Status.SENT:
        return None
    if status in {Status.UNKNOWN, Status.CANCELLED, Status.EXPIRED}:
        is_restored = status == Status.UNKNOWN and log.error_code == RESTORED
        return RESTORED if is_restored else _CODE_OF_STATUS[status]
    return log.error_code or _CODE_OF_STATUS.get(status) or reason_of_waiting(log)


def _rows(
    log: NotificationLog, code: str, tries: Sequence[DeliveryAttempt]
) -> tuple[KnownError, KnownError | None]:
    """Return the row of a code, and the error beneath an engine's verdict."""
    row = known_error(code, log.channel_type) or ENGINE_ERRORS["unrecognised"]
    if _was_given_up(log, row):
        return ENGINE_ERRORS["retries_exhausted"], row
    if code not in _VERDICTS:
        return row, None
    codes = [*(attempt.error_code for attempt in tries), log.error_code]
    for candidate in reversed(codes):
        beneath = known_error(candidate, log.channel_type)
        if beneath and candidate not in ENGINE_ERRORS:
            return row, beneath
    return row, None


def _was_given_up(log: NotificationLog, row: KnownError) -> bool:
    retryable = row.failure is FailureClass.RETRYABLE
    return log.status == Status.FAILED and retryable and row.code not in ENGINE_ERRORS


def _severity(log: NotificationLog, row: KnownError) -> Severity:
    status = Status(log.status)
    if status == Status.FAILED:
        return Severity.CRITICAL
    if status in {Status.CANCELLED, Status.EXPIRED} or row.code in WAITING_ERRORS:
        return Severity.INFO
    lasting = row.failure in {FailureClass.CONFIG, FailureClass.GONE}
    return Severity.CRITICAL if lasting else Severity.WARNING


def _remedy(row: KnownError, beneath: KnownError | None) -> tuple[str, ...]:
    """Return the steps; none beneath a verdict says to wait for another try."""
    first = beneath.remedy if beneath else ()
    steps = [step for step in first if step not in WAITING_STEPS]
    return tuple(dict.fromkeys(str(step) for step in (*steps, *row.remedy)))


def _joined(*texts: object) -> str:
    return " ".join(str(text) for text in texts if text)


def _evidence(
    log: NotificationLog, tries: Sequence[DeliveryAttempt], beneath: KnownError | None
) -> dict[str, Any]:
    found = {
        "status": log.status,
        "error_code": log.error_code,
        "error": log.error,
        "underlying_error": beneath.code if beneath else "",
        "attempts": len(tries),
        "accepted_at": log.created_at,
        "settled_at": log.settled_at,
        **(_last_try(tries[-1]) if tries else {}),
        **_plans(log),
    }
    return {name: value for name, value in found.items() if value not in ("", None)}


def _last_try(attempt: DeliveryAttempt) -> dict[str, Any]:
    return {
        "last_try_at": attempt.started_at,
        "last_error_code": attempt.error_code,
        "last_error": attempt.error,
        "http_status": attempt.http_status,
        "latency_ms": attempt.latency_ms,
        "answer": attempt.response_excerpt,
        "retry_after_seconds": attempt.retry_after_seconds,
    }


def _plans(log: NotificationLog) -> dict[str, Any]:
    waits = log.status in {Status.PENDING, Status.RETRYING}
    return {
        "next_try_at": log.next_attempt_at if waits else None,
        "waits_for": earlier_of_key(log) if waits else None,
        "expires_at": log.expires_at,
        "config_is_off_because": log.config.disabled_reason if log.config else "",
    }
