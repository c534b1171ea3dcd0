"""What is done by schedule: the tasks there are, and how their runs went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, Max, Q
from django.utils.module_loading import import_string
from django_stubs_ext import StrOrPromise

from channels_app.models import RunStatus, Schedule, TaskExecutionRecord

# So many of a task's last runs make up its success rate.
RUNS_LOOKED_AT = 100


@dataclass(frozen=True)
class ScheduledTask:
    """Work that is done by schedule.

    `run` does it and returns what it did, in one sentence; what it raises is recorded as
    the reason of the failure. It works in batches, so that the next run goes on where a
    killed one stopped. `every` and `offset` are the schedule it starts with, in seconds
    after midnight UTC; `time_limit` is after how many seconds it is killed.
    """

    name: str
    title: StrOrPromise
    meaning: StrOrPromise
    every: int
    offset: int
    time_limit: int
    run: Callable[[], str]


@dataclass(frozen=True)
class TaskState:
    """One task as health shows it; what never ran has None.

    `last` is the last run that began; one that only waits is not it yet.
    """

    task: ScheduledTask
    is_enabled: bool
    every_seconds: int
    next_run: datetime | None
    last: TaskExecutionRecord | None
    is_running: bool
    success_rate: float | None
    mean_duration_ms: float | None


@cache
def scheduled_tasks() -> dict[str, ScheduledTask]:
    """Return every task of every app by its name, as `SCHEDULED_TASKS` lists them."""
    lists: Iterable[Iterable[ScheduledTask]] = map(
        import_string, settings.SCHEDULED_TASKS
    )
    return {task.name: task for tasks in lists for task in tasks}


def task_states() -> list[TaskState]:
    """Return how every task stands: three queries, however many tasks there are."""
    schedules = Schedule.objects.in_bulk()
    lately = _recent_figures()
    began = [row["last"] for row in lately.values() if row["last"]]
    last = TaskExecutionRecord.objects.in_bulk(began)
    return [
        _state(task, schedules.get(name), lately.get(name, {}), last)
        for name, task in scheduled_tasks().items()
    ]


def last_runs(task: str | None = None, limit: int = 100) -> list[TaskExecutionRecord]:
    """Return the newest runs, of one task or of all."""
    rows = TaskExecutionRecord.objects.order_by("-id")
    return list((rows.filter(task=task) if task else rows)[:limit])


def _recent_figures() -> dict[str, Mapping[str, Any]]:
    newest = TaskExecutionRecord.objects.order_by("-id").values("id")
    recent = TaskExecutionRecord.objects.filter(
        id__in=newest[: RUNS_LOOKED_AT * len(scheduled_tasks())]
    )
    good, running = Q(status=RunStatus.SUCCEEDED), Q(status=RunStatus.RUNNING)
    ended = good | Q(status__in=[RunStatus.FAILED, RunStatus.LOST])
    figures = recent.values("task").annotate(
        last=Max("id", filter=~Q(status=RunStatus.WAITING)),
        good=Count("id", filter=good),
        ended=Count("id", filter=ended),
        running=Count("id", filter=running),
        duration=Avg("duration_ms"),
    )
    return {row["task"]: {**row} for row in figures.order_by("task")}


def _state(
    task: ScheduledTask,
    schedule: Schedule | None,
    lately: Mapping[str, Any],
    last: dict[int, TaskExecutionRecord],
) -> TaskState:
    ended = lately.get("ended", 0)
    return TaskState(
        task=task,
        is_enabled=schedule.is_enabled if schedule else True,
        every_seconds=schedule.every_seconds if schedule else task.every,
        next_run=schedule.next_run_at if schedule and schedule.is_enabled else None,
        last=last.get(lately.get("last") or 0),
        is_running=bool(lately.get("running")),
        success_rate=round(lately["good"] / ended, 4) if ended else None,
        mean_duration_ms=lately.get("duration"),
    )
