"""The scheduled tasks of this app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from channels_app.selectors.schedules import ScheduledTask
from diagnostics.services.reports import make_report, prune_reports

MINUTE = 60
HOUR = 60 * MINUTE


def report_health() -> str:
    """Make a report, forget the old ones; return what was found."""
    report = make_report()
    prune_reports()
    return (
        f"{report.critical} critical, {report.warnings} warnings, {report.infos} notes."
    )


SCHEDULED_TASKS = (
    ScheduledTask(
        name="health_report",
        title=_("Health report"),
        meaning=_(
            "Runs all checks and keeps the report for 7 days; tells HEALTH_REPORT_USERS "
            "what has become critical."
        ),
        every=HOUR,
        offset=5 * MINUTE,
        time_limit=5 * MINUTE,
        run=report_health,
    ),
)
