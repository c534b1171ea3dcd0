"""What happened to one delivery, in order, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from channels_app.models import (
    SETTLED,
    WAITING,
    DeliveryAttempt,
    NotificationLog,
    Outcome,
    Status,
)

Event = dict[str, Any]


def timeline_of(
    log: NotificationLog, attempts: Sequence[DeliveryAttempt]
) -> list[Event]:
    """Return the events from acceptance to the end, each with at, event and text."""
    return [
        _event(log.created_at, "accepted", _("Accepted and stored.")),
        *(event for attempt in attempts for event in _events_of(attempt)),
        *_waiting_event(log, attempts),
        *_last_event(log, attempts),
    ]


def _event(at: datetime, name: str, text: str, **more: Any) -> Event:
    return {"at": at, "event": name, "text": text, **more}


def _events_of(attempt: DeliveryAttempt) -> Iterator[Event]:
    number = attempt.number
    yield _event(
        attempt.started_at,
        "attempt_started",
        _("Try %(number)s started.") % {"number": number},
        attempt=number,
        worker=attempt.worker or None,
    )
    if attempt.outcome == Outcome.SENDING:
        return
    label = Outcome(attempt.outcome).label
    yield _event(
        attempt.ended_at or attempt.started_at,
        "attempt_ended",
        _("Try %(number)s: %(outcome)s.") % {"number": number, "outcome": label},
        attempt=number,
        outcome=attempt.outcome,
        http_status=attempt.http_status,
        latency_ms=attempt.latency_ms,
        error_code=attempt.error_code or None,
        error=attempt.error or None,
        retry_after_seconds=attempt.retry_after_seconds,
    )


def _waiting_event(
    log: NotificationLog, attempts: Sequence[DeliveryAttempt]
) -> Iterator[Event]:
    if log.status not in WAITING:
        return
    if attempts:
        at, name = _end_of(attempts[-1]), "retry_planned"
        text = _("The next try is planned.")
    elif log.next_attempt_at > log.created_at:
        at, name = log.created_at, "scheduled"
        text = _("It is to be sent later.")
    else:
        return
    yield _event(at, name, text, due_at=log.next_attempt_at)


def _last_event(
    log: NotificationLog, attempts: Sequence[DeliveryAttempt]
) -> Iterator[Event]:
    status = Status(log.status)
    last = _end_of(attempts[-1]) if attempts else log.created_at
    if status in SETTLED:
        at = log.settled_at or log.sent_at or last
        text = _("Settled: %(status)s.") % {"status": status.label}
        yield _event(at, status.value, text, error_code=log.error_code or None)
    elif status == Status.UNKNOWN:
        text = _("It may have arrived. It is held until a person decides.")
        yield _event(last, "held", text, error_code=log.error_code or None)


def _end_of(attempt: DeliveryAttempt) -> datetime:
    return attempt.ended_at or attempt.started_at
