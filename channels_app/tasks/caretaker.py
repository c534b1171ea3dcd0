"""Runs what is due by schedule, one process at a time, beside the task cluster.

Not in the cluster: a backup of minutes would take the place of pumps and canaries.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from channels_app.processes.child import Child, Command
from channels_app.tasks import schedules
from channels_app.tasks.jobs import cluster_name

LOOK_EVERY = 2.0
# A database whose clock was set back leaves slots that lie in a far future.
REPAIR_EVERY = 60.0

AddChild = Callable[[Command], Child]


class Caretaker:
    """Books, takes and starts runs; `look` is called in every round of the supervisor."""

    def __init__(
        self, add_child: AddChild, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._add_child = add_child
        self._clock = clock
        self._looked = float("-inf")
        self._repaired = float("-inf")
        self._run: schedules.Run | None = None
        self._child: Child | None = None
        self._ends_at = float("inf")

    def look(self) -> None:
        """See to the run there is, or begin the next."""
        now = self._clock()
        if now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        if self._run is not None:
            self._see_to(self._run, now)
        if self._run is None:
            self._begin(now)

    def _see_to(self, run: schedules.Run, now: float) -> None:
        if self._child is not None and not self._child.has_ended:
            if now >= self._ends_at:
                why = f"It took longer than its limit of {run.task.time_limit} s."
                schedules.note_death(run.record_id, why)
                self._child.kill()
            return
        schedules.note_death(run.record_id, "Its process ended without a word.")
        self._run = self._child = None

    def _begin(self, now: float) -> None:
        if now - self._repaired >= REPAIR_EVERY:
            schedules.repair_schedules()
            self._repaired = now
        schedules.note_lost()
        schedules.book_due()
        self._run = schedules.take(cluster_name())
        if self._run is not None:
            self._child = self._add_child(_command(self._run))
            self._ends_at = now + self._run.task.time_limit


def _command(run: schedules.Run) -> Command:
    return Command(
        name=run.task.name,
        arguments=(sys.executable, "manage.py", "run_scheduled", str(run.record_id)),
        environment={**os.environ, "NOTIFICATIONS_ROLE": "worker"},
        restarts=False,
        is_captured=False,
    )
