"""What an operator does in an emergency: empty the queue, drop what is remembered."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Now

from channels_app.delivery.recording import move
from channels_app.delivery.routes import MEMORY as ROUTES_MEMORY
from channels_app.models import NotificationLog, Status
from channels_app.selectors.clients import forget_signers
from channels_app.selectors.switches import MEMORY as SWITCH_MEMORY
from templates_app.selectors import clear_compiled_templates

logger = logging.getLogger(__name__)

BATCH_ROWS = 500


@dataclass(frozen=True)
class WaitingFilter:
    """Which waiting deliveries: in these states, accepted before then (None: all)."""

    states: Collection[Status]
    accepted_before: datetime | None = None

    def logs(self) -> QuerySet[NotificationLog]:
        waiting = NotificationLog.objects.filter(status__in=self.states)
        if self.accepted_before is None:
            return waiting
        return waiting.filter(created_at__lt=self.accepted_before)


def count_waiting(wanted: WaitingFilter) -> int:
    """Count what `cancel_waiting` would cancel."""
    return wanted.logs().count()


def cancel_waiting(wanted: WaitingFilter) -> int:
    """Cancel waiting deliveries of every client, in batches; return how many.

    Nothing is deleted, and what is being sent right now is left alone.
    """
    cancelled = last = 0
    while ids := _next_batch(wanted, last):
        cancelled += move(
            ids,
            Status.CANCELLED,
            sources=wanted.states,
            settled_at=Now(),
            error_code="cancelled",
            cancel_requested=True,
        )
        last = ids[-1]
    logger.warning("The queue was cleared: %d deliveries are cancelled.", cancelled)
    return cancelled


def clear_caches() -> list[str]:
    """Drop what this process remembers; return the names of what was dropped.

    Other processes notice changed templates and configs at once, and other changes within a second.
    """
    clear_compiled_templates()
    ROUTES_MEMORY.forget()
    forget_signers()
    SWITCH_MEMORY.forget()
    return ["templates", "configs", "clients", "switches"]


def _next_batch(wanted: WaitingFilter, last: int) -> list[int]:
    later = wanted.logs().filter(pk__gt=last).order_by("pk")
    return list(later.values_list("pk", flat=True)[:BATCH_ROWS])
