"""The scheduled tasks of this app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from channels_app.delivery.retention import prune
from channels_app.selectors.schedules import ScheduledTask

MINUTE = 60


def forget_what_is_old() -> str:
    """Delete what is past its retention; return how much that was."""
    gone = prune()
    return f"{gone.total} rows deleted, {gone.logs} of them deliveries."


SCHEDULED_TASKS = (
    ScheduledTask(
        name="retention",
        title=_("Retention"),
        meaning=_(
            "Deletes settled deliveries older than LOG_RETENTION_DAYS, spent idempotency "
            "keys and signatures, and old records of runs, in batches."
        ),
        every=10 * MINUTE,
        offset=0,
        time_limit=9 * MINUTE,
        run=forget_what_is_old,
    ),
)
