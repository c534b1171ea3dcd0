"""Which scheduled task runs when, and in which worker: each slot is run once at most."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from channels_app.models import RunStatus, Schedule, TaskExecutionRecord
from channels_app.selectors.clock import database_time
from channels_app.selectors.schedules import ScheduledTask, scheduled_tasks

logger = logging.getLogger(__name__)

SHORTEST_INTERVAL = 60
# A run that is past its time limit by so much has lost its worker.
GRACE = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=30)
UNFINISHED = (RunStatus.WAITING, RunStatus.RUNNING)


@dataclass(frozen=True)
class Run:
    """A run that this worker has taken."""

    record_id: int
    task: ScheduledTask


def last_slot(now: datetime, every: int, offset: int) -> datetime:
    """Return the latest slot that has begun; all clusters come to the same one."""
    seconds = (int(now.timestamp()) - offset) // every * every + offset
    return datetime.fromtimestamp(seconds, UTC)


def next_slot(now: datetime, every: int, offset: int) -> datetime:
    """Return the slot that begins next."""
    return last_slot(now, every, offset) + timedelta(seconds=every)


def repair_schedules() -> None:
    """Make what is missing, mend what cannot be right, forget what nobody books any more.

    What this version does not know, workers of another may: it stays as long as they
    book it.
    """
    now = database_time()
    tasks = scheduled_tasks()
    forgotten = Schedule.objects.exclude(name__in=tasks)
    forgotten.filter(next_run_at__lt=now - FORGOTTEN_AFTER).delete()
    stored = Schedule.objects.filter(name__in=tasks).in_bulk()
    missing = [_new(task, now) for task in tasks.values() if task.name not in stored]
    Schedule.objects.bulk_create(missing, ignore_conflicts=True)
    for schedule in stored.values():
        _mend(schedule, tasks[schedule.name], now)


def _new(task: ScheduledTask, now: datetime) -> Schedule:
    return Schedule(
        name=task.name,
        every_seconds=task.every,
        offset_seconds=task.offset,
        next_run_at=next_slot(now, task.every, task.offset),
    )


def _mend(schedule: Schedule, task: ScheduledTask, now: datetime) -> None:
    is_sound = schedule.every_seconds >= SHORTEST_INTERVAL
    every = schedule.every_seconds if is_sound else task.every
    due = next_slot(now, every, schedule.offset_seconds)
    if is_sound and schedule.next_run_at <= due:
        return
    logger.warning("The schedule of “%s” could not be right; mended.", task.name)
    Schedule.objects.filter(pk=schedule.name).update(
        every_seconds=every, next_run_at=due
    )


def book_due() -> None:
    """Book one run of each task whose slot has begun; missed slots are not made up."""
    known = Schedule.objects.filter(name__in=scheduled_tasks(), is_enabled=True)
    due = known.filter(next_run_at__lte=Now())
    for schedule in due:
        _book(schedule, database_time())


def _book(schedule: Schedule, now: datetime) -> None:
    every, offset = schedule.every_seconds, schedule.offset_seconds
    with transaction.atomic():
        is_ours = Schedule.objects.filter(
            pk=schedule.name, next_run_at=schedule.next_run_at
        ).update(next_run_at=next_slot(now, every, offset))
        runs = TaskExecutionRecord.objects.filter(task=schedule.name)
        if is_ours and not runs.filter(status__in=UNFINISHED).exists():
            slot = last_slot(now, every, offset)
            TaskExecutionRecord.objects.get_or_create(task=schedule.name, slot=slot)


def take(worker: str) -> Run | None:
    """Return the run that waits longest, now this worker's; None if none waits."""
    known = scheduled_tasks()
    waiting = TaskExecutionRecord.objects.filter(
        status=RunStatus.WAITING, task__in=known
    )
    for record in waiting.order_by("id")[:10]:
        task = known[record.task]
        limit = timedelta(seconds=task.time_limit) + GRACE
        if waiting.filter(pk=record.pk).update(
            status=RunStatus.RUNNING,
            worker=worker,
            started_at=Now(),
            running_until=Now() + limit,
        ):
            return Run(record.pk, task)
    return None


def note_death(record_id: int, why: str) -> None:
    """Record that a run's process ended without a word; one that told its end keeps it."""
    _end(Q(pk=record_id), RunStatus.FAILED, why)


def note_lost() -> int:
    """Give up the runs whose worker is gone; return how many there were."""
    why = "Its worker ended or was cut off before the run was over."
    return _end(Q(running_until__lt=Now()), RunStatus.LOST, why)


def _end(which: Q, status: RunStatus, why: str) -> int:
    running = TaskExecutionRecord.objects.filter(which, status=RunStatus.RUNNING)
    return running.update(
        status=status, error=why, finished_at=Now(), running_until=F("running_until")
    )
