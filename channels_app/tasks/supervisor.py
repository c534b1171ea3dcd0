"""The worker: the task cluster in a process group of its own, the ticker beside it."""

from __future__ import annotations

import logging
import os
import socket
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from channels_app.processes.child import Child, Command
from channels_app.processes.kernel import group_members
from channels_app.processes.output import standard_printer
from channels_app.processes.supervisor import Stopping, Supervisor
from channels_app.tasks import ticker
from channels_app.tasks.caretaker import Caretaker
from channels_app.tasks.rounds import Rounds
from channels_app.tasks.watching import Watch

logger = logging.getLogger(__name__)

READY_LINE = "worker is ready"
BROKER_AWAY = (
    "the broker at REDIS_URL does not answer; deliveries go by the database, "
    "some seconds later, until it does"
)
BROKER_BACK = "the broker answers again"
TICK_SECONDS = 0.5
DRAIN_SECONDS = 15.0
CLUSTER_GRACE_SECONDS = 2.5
# django-q2's main, its sentinel, its pusher and its monitor, beside the workers.
CLUSTER_OVERHEAD = 4


def run_worker() -> None:
    """Run the cluster and the ticker until a signal, then drain and stop."""
    with tempfile.TemporaryDirectory(prefix="notifications-worker-") as folder:
        drain_file = Path(folder) / "drain"
        os.environ["NOTIFICATIONS_DRAIN_FILE"] = str(drain_file)
        os.environ["NOTIFICATIONS_WORKER"] = _worker_name()
        Worker(drain_file).run()


class Worker:
    """One supervised cluster with its ticker."""

    def __init__(self, drain_file: Path) -> None:
        stopping = Stopping(
            begin_drain=drain_file.touch,
            is_drained=_is_drained,
            drain_seconds=DRAIN_SECONDS,
            grace_seconds=CLUSTER_GRACE_SECONDS,
        )
        self._supervisor = Supervisor(standard_printer(), name="", stopping=stopping)
        self._cluster = self._supervisor.add(_cluster_command())
        self._watch = Watch(self._cluster)
        self._caretaker = Caretaker(self._supervisor.add)
        self._rounds = Rounds(ticker.start, self._tick)
        self._is_ready = False
        self._told_away = False

    def run(self) -> None:
        self._supervisor.run(self._round, every=TICK_SECONDS)

    def _tick(self) -> None:
        try:
            ticker.tick()
            self._watch.look()
            self._caretaker.look()
        except DatabaseError:
            # A cluster without a database is no worse than its supervisor.
            self._watch.forgive()
            raise

    def _round(self) -> None:
        self._rounds.next()
        self._tell_of_the_broker()
        if not self._is_ready and self._rounds.has_succeeded:
            # Without a broker there is no cluster, and the ticker delivers.
            self._is_ready = self._told_away or _is_complete(self._cluster)
            if self._is_ready:
                self._supervisor.say(READY_LINE)

    def _tell_of_the_broker(self) -> None:
        is_away = self._watch.is_broker_away
        if is_away != self._told_away:
            self._supervisor.say(BROKER_AWAY if is_away else BROKER_BACK)
        self._told_away = is_away


def _worker_name() -> str:
    """Return a name that no worker of any machine has now."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}"


def _cluster_command() -> Command:
    return Command(
        name="cluster",
        arguments=(sys.executable, "-m", "channels_app.tasks.cluster"),
        environment={**os.environ, "NOTIFICATIONS_ROLE": "worker"},
        is_captured=False,
    )


def _is_complete(cluster: Child) -> bool:
    """Return whether all processes of the cluster are there."""
    if cluster.pid is None:
        return False
    return len(group_members(cluster.pid)) >= settings.WORKERS + CLUSTER_OVERHEAD


def _is_drained() -> bool:
    try:
        return ticker.is_drained()
    except DatabaseError as error:
        logger.warning("The database cannot tell whether pumps run: %s", error)
        return False
