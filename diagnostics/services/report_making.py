"""Reports that somebody waits for: one at a time in a process, on a thread of its own."""

from __future__ import annotations

import logging
import threading

from django.db import connection

from diagnostics.models import HealthReport
from diagnostics.services.reports import begin_report, fill_report

logger = logging.getLogger(__name__)

# Each takes threads and connections from those that requests are answered by.
_PLACE = threading.BoundedSemaphore(1)


def start_report(asked_by: str) -> HealthReport | None:
    """Begin a report and return it while it is made; None if one is being made here."""
    if not _PLACE.acquire(blocking=False):
        return None
    try:
        report = begin_report(asked_by)
        threading.Thread(target=_fill, args=(report,), daemon=True).start()
    except BaseException:
        _PLACE.release()
        raise
    return report


def _fill(report: HealthReport) -> None:
    try:
        fill_report(report)
    except Exception:
        # Nobody waits for this thread: the page says that the report was cut off.
        logger.exception("Health report %d could not be made.", report.pk)
    finally:
        _PLACE.release()
        connection.close()
