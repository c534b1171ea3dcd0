"""What happens every half second in the worker's supervisor, without any broker."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from channels_app.delivery import slots
from channels_app.delivery.due import is_anything_due
from channels_app.delivery.instance import make_ours
from channels_app.delivery.notices import tell_of_configs
from channels_app.delivery.probes import is_any_probe_due
from channels_app.delivery.reaper import reap
from channels_app.models.sql import now
from channels_app.selectors.engine import pumps_possible
from channels_app.selectors.switches import held_kinds, is_on
from channels_app.tasks import schedules
from channels_app.tasks.jobs import run_pump, worker_name
from channels_app.tasks.wake import wake, wake_one_more, wake_probes

logger = logging.getLogger(__name__)

HEARTBEAT_EVERY = 5.0
REAP_EVERY = 2.0
TELL_EVERY = 2.0
PROBE_EVERY = 60.0
# So long a due delivery may lie while wake-ups go nowhere: then the ticker pumps.
BROKER_PATIENCE = 5.0
INLINE_BUDGET = 2.0


class Ticker:
    """Takes back leases, wakes pumps, and pumps itself when nobody else does."""

    def __init__(self) -> None:
        self._beaten = float("-inf")
        self._reaped = float("-inf")
        self._told = float("-inf")
        self._probed = time.monotonic()
        self._due_since: float | None = None

    def tick(self) -> None:
        """Do what is to be done now. Database errors are the caller's to log."""
        self._beat()
        self._reap()
        self._tell()
        self._probe()
        if is_on("sending") and is_anything_due(held_kinds()):
            self._see_to_it()
        else:
            self._due_since = None

    def _beat(self) -> None:
        if time.monotonic() - self._beaten >= HEARTBEAT_EVERY:
            # One task process of each worker is left for what is not pumping.
            beat(worker_name(), pumps=max(1, settings.WORKERS - 1))
            slots.fit_slots(pumps_possible())
            self._beaten = time.monotonic()

    def _reap(self) -> None:
        if time.monotonic() - self._reaped >= REAP_EVERY:
            reaped = reap()
            self._reaped = time.monotonic()
            if reaped.leases:
                logger.warning(
                    "%d deliveries were taken back from a silent worker.", reaped.leases
                )

    def _tell(self) -> None:
        if time.monotonic() - self._told >= TELL_EVERY:
            self._told = time.monotonic()
            tell_of_configs()

    def _probe(self) -> None:
        if time.monotonic() - self._probed < PROBE_EVERY or not is_on("sending"):
            return
        self._probed = time.monotonic()
        if settings.PROBE_DISABLED_CONFIGS and is_any_probe_due(held_kinds()):
            _quietly(wake_probes)

    def _see_to_it(self) -> None:
        if slots.running_count():
            # It is being worked on; more pumps only if there is room for them.
            self._due_since = None
            wake_one_more()
            return
        self._due_since = self._due_since or time.monotonic()
        if time.monotonic() - self._due_since < BROKER_PATIENCE:
            _quietly(wake)
            return
        logger.warning("No pump runs although deliveries are due; pumping here.")
        run_pump(f"{worker_name()}-ticker"[:64], budget=INLINE_BUDGET, linger=0.0)


def _quietly(wake_somebody: Callable[[], object]) -> None:
    try:
        wake_somebody()
    except Exception as error:  # noqa: BLE001 - any broker may stand here
        # The ticker needs none.
        logger.warning("The broker takes no wake-up: %s", error)


def beat(name: str, *, pumps: int) -> None:
    """Say that this worker is alive, by the database's clock, and its room for pumps."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO worker_heartbeats (name, host, pid, pumps, started_at, seen_at)
            VALUES (%s, %s, %s, %s, {now()}, {now()})
            ON CONFLICT (name) DO UPDATE SET
                seen_at = excluded.seen_at, pumps = excluded.pumps""",
            [name, socket.gethostname()[:255], os.getpid(), pumps],
        )


TICKER = Ticker()


def start() -> None:
    """Make what a worker needs in the database."""
    make_ours()
    schedules.repair_schedules()


def tick() -> None:
    """Do one round; see `Ticker.tick`."""
    TICKER.tick()


def is_drained() -> bool:
    """Return whether no pump of this worker runs any more."""
    given = os.environ.get("NOTIFICATIONS_WORKER", "")
    return slots.running_count(given) == 0
