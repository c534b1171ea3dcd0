"""What must hold after each step of the state machine: the rows are the model's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from channels_app.models import DeliveryAttempt, NotificationLog, Status
from tests.channels_app.delivery.ends import CLASSES
from tests.channels_app.delivery.reference_model import Modelled


def must_be_equal(model: Mapping[int, Modelled]) -> None:
    """Compare every row, with its attempts in order, to its model."""
    attempts: dict[int, list[str]] = {pk: [] for pk in model}
    numbers: list[tuple[int, int]] = []
    for log_id, number, outcome in DeliveryAttempt.objects.order_by(
        "log_id", "number"
    ).values_list("log_id", "number", "outcome"):
        attempts[log_id].append(outcome)
        numbers.append((log_id, number))
        assert number == len(attempts[log_id])
    assert len(set(numbers)) == len(numbers)
    rows = {log.pk: _row(log, attempts[log.pk]) for log in _logs()}
    assert rows == {pk: delivery.row for pk, delivery in model.items()}


def must_add_up(accepted: int) -> None:
    """Count what was accepted in exactly one state, and when it ended where it did."""
    counts = Counter(NotificationLog.objects.values_list("status", flat=True))
    assert sum(counts[status] for status in Status.values) == accepted
    assert not NotificationLog.objects.filter(
        status__in=["sent", "failed", "cancelled", "expired"], settled_at=None
    ).exists()


def _logs() -> list[NotificationLog]:
    logs = NotificationLog.objects.order_by("pk")
    return list(logs)


def _row(log: NotificationLog, attempts: list[str]) -> dict[str, object]:
    return {
        "status": log.status,
        "attempt_no": log.attempt_no,
        "attempts": attempts,
        "counted": log.retry_count,
        "crashes": log.crash_count,
        "may_duplicate": log.may_duplicate,
        "error": CLASSES.get(log.error_code, log.error_code),
        "has_lease": log.lease_until is not None,
        "is_arrived": log.sent_at is not None,
    }
