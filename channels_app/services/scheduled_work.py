"""Running scheduled tasks: now, when a person asks, and how often from now on."""

from __future__ import annotations

import logging
import time

from django.db import transaction
from django.db.models.functions import Now

from channels_app.log_context import whole_process_logged_with
from channels_app.models import RunStatus, Schedule, TaskExecutionRecord
from channels_app.secret_settings import without_settings_secrets
from channels_app.selectors.clock import database_time
from channels_app.selectors.schedules import scheduled_tasks
from channels_app.tasks.schedules import (
    SHORTEST_INTERVAL,
    UNFINISHED,
    next_slot,
)

logger = logging.getLogger(__name__)

LONGEST_SUMMARY = 500


class UnknownTaskError(LookupError):
    """No scheduled task has that name."""


class AlreadyRunningError(RuntimeError):
    """The task waits for a worker or runs; a second run at once would disturb it."""


class BadIntervalError(ValueError):
    """An interval is shorter than a minute."""


def ask_for_run(*, name: str, asked_by: str) -> TaskExecutionRecord:
    """Book one run beside the schedule; a worker takes it within seconds.

    Raises UnknownTaskError and AlreadyRunningError.
    """
    if name not in scheduled_tasks():
        raise UnknownTaskError(name)
    with transaction.atomic():
        list(Schedule.objects.select_for_update().filter(pk=name))
        runs = TaskExecutionRecord.objects.filter(task=name)
        if runs.filter(status__in=UNFINISHED).exists():
            raise AlreadyRunningError(name)
        return runs.create(task=name, slot=database_time(), asked_by=asked_by)


def change_schedule(
    *, name: str, is_enabled: bool, every: int, offset: int
) -> Schedule:
    """Set how often a task runs, in seconds; the next slot is computed anew.

    Raises UnknownTaskError and BadIntervalError.
    """
    if name not in scheduled_tasks():
        raise UnknownTaskError(name)
    if every < SHORTEST_INTERVAL:
        raise BadIntervalError(every)
    schedule, _created = Schedule.objects.update_or_create(
        name=name,
        defaults={
            "is_enabled": is_enabled,
            "every_seconds": every,
            "offset_seconds": offset,
            "next_run_at": next_slot(database_time(), every, offset),
        },
    )
    return schedule


def run_now(record_id: int) -> bool:
    """Do the work of a run that a worker has taken; return whether it succeeded.

    Whatever the task raises becomes the record's error: the next slot tries again. Its
    log lines name task and run, for they come out among those of the worker.
    """
    record = TaskExecutionRecord.objects.get(pk=record_id, status=RunStatus.RUNNING)
    with whole_process_logged_with(task=record.task, run=str(record_id)):
        return _run(record)


def _run(record: TaskExecutionRecord) -> bool:
    begun = time.monotonic()
    try:
        summary, error = scheduled_tasks()[record.task].run(), ""
    except Exception as failure:
        logger.exception("The scheduled task “%s” failed.", record.task)
        summary, error = "", f"{type(failure).__name__}: {failure}"
        error = without_settings_secrets(error)
    status = RunStatus.FAILED if error else RunStatus.SUCCEEDED
    running = TaskExecutionRecord.objects.filter(pk=record.pk, status=RunStatus.RUNNING)
    running.update(
        status=status,
        summary=summary[:LONGEST_SUMMARY],
        error=error,
        finished_at=Now(),
        duration_ms=round(1000 * (time.monotonic() - begun)),
    )
    return not error
