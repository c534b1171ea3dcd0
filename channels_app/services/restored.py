"""What a backup holds of the log, and how that comes back: held, with sending off."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from channels_app.delivery.restored import (
    RESTORED,
    Row,
    held_attempts,
    held_log,
    turn_sending_off,
)
from channels_app.models import SETTLED, UNSETTLED
from channels_app.selectors.switches import MEMORY

__all__ = [
    "RESTORED",
    "SWITCH_OF_SENDING",
    "begin_restore",
    "held_attempts",
    "held_log",
    "is_settled",
    "is_settled_since",
    "logs_since",
    "settled_since",
]

# It stays as the restore has set it, whatever the backup says.
SWITCH_OF_SENDING = "sending"


def logs_since(since: datetime, *, of: str = "") -> Q:
    """Return the condition of deliveries accepted since then, and of all unsettled.

    `of` is the path to the delivery, such as `log__`.
    """
    recent = Q(**{f"{of}created_at__gte": since})
    return recent | Q(**{f"{of}status__in": [status.value for status in UNSETTLED]})


def is_settled(status: object) -> bool:
    """Return whether a delivery in this status has its end."""
    return status in {settled.value for settled in SETTLED}


def settled_since(since: datetime) -> Q:
    """Return the condition of deliveries accepted since then that have their end."""
    settled = [status.value for status in SETTLED]
    return Q(created_at__gte=since, status__in=settled)


def is_settled_since(log: Row, since: datetime) -> bool:
    """Return the same of one delivery of a backup."""
    accepted = datetime.fromisoformat(str(log["created_at"]))
    return accepted >= since and is_settled(log["status"])


def begin_restore(*, by: str, note: str) -> None:
    """Switch sending off before anything is restored; a person switches it on."""
    turn_sending_off(by=by, note=note)
    MEMORY.forget()
