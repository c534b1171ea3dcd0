"""The watchdog at work: sends canaries, looks what became of them, kills the cluster."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError

from channels_app.delivery import slots
from channels_app.processes.child import Child
from channels_app.selectors.engine import workers_alive
from channels_app.tasks import canaries
from channels_app.tasks.jobs import cluster_name, worker_name
from channels_app.tasks.watchdog import (
    BURST_PER_WORKER,
    RESTARTS,
    Sight,
    Watchdog,
    Word,
)

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
# What a look is late beyond this, somebody was held by the database or the machine.
LATE_AFTER = 3.0
PRUNE_EVERY = 60.0


class Watch:
    """Watches one cluster; `look` is called in every round of the supervisor."""

    def __init__(
        self, cluster: Child, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._watchdog = Watchdog()
        self._pid: int | None = None
        self._tasks: dict[str, str] = {}
        self._looked = float("-inf")
        self.is_broker_away = False
        self._pruned = float("-inf")

    def forgive(self) -> None:
        """Start afresh: what the cluster did not do was not its fault."""
        self._watchdog.begin(self._clock())
        self._tasks.clear()

    def look(self) -> None:
        """Send a canary if one is due, and restart the cluster if it has stopped."""
        now = self._clock()
        if self._cluster.pid is None or now - self._looked < LOOK_EVERY:
            return
        late, self._looked = now - self._looked - LATE_AFTER, now
        if self._cluster.pid != self._pid:
            self._pid = self._cluster.pid
            self.forgive()
        elif late > 0:
            self._watchdog.excuse(late)
        self._send_if_due(now)
        self._act(self._watchdog.judge(self._sight(), now))
        if now - self._pruned >= PRUNE_EVERY:
            self._pruned = now
            canaries.prune()

    def _send_if_due(self, now: float) -> None:
        if self._watchdog.is_canary_due(now):
            canaries.note_life(worker_name(), cluster_name())
            if self._send():
                self._watchdog.sent(now)

    def _send(self) -> bool:
        try:
            nonce, task = canaries.send_canary(cluster_name())
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - any broker may stand here
            if not self.is_broker_away:
                logger.warning("The broker takes no canary: %s", error)
            self.is_broker_away = True
            # A cluster cannot run what it takes from nobody.
            self.forgive()
            return False
        self.is_broker_away = False
        self._tasks[nonce] = task
        return True

    def _sight(self) -> Sight:
        runs = canaries.canary_runs(cluster_name())
        settled = {self._tasks[n] for n in runs.settled if n in self._tasks}
        is_queued = canaries.is_any_queued(settled)
        is_repeated = not runs.repeated.isdisjoint(self._tasks)
        if not is_queued and not is_repeated:
            # A task that has left the queue stays out of it.
            for nonce in runs.settled & self._tasks.keys():
                del self._tasks[nonce]
        running = slots.running_count(f"{cluster_name()}-")
        return Sight(
            own_silence=runs.own_silence,
            others_silence=runs.others_silence,
            is_occupied=running >= settings.WORKERS,
            is_unacknowledged=is_queued or is_repeated,
        )

    def _act(self, word: Word) -> None:
        if word is Word.BURST:
            for _ in range(BURST_PER_WORKER * workers_alive()):
                if not self._send():
                    return
        if word in RESTARTS:
            logger.error("The task cluster is %s; it is restarted.", word.value)
            self._cluster.kill()
            canaries.note_restart(worker_name(), word.value)
            self.forgive()
