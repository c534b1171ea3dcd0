"""What django-q2 runs: functions that take ids and return nothing."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from threading import Lock

from django.conf import settings

from channels_app.delivery import slots
from channels_app.delivery.addresses import AddressPolicy, Network, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.due import is_anything_due
from channels_app.delivery.instance import make_ours
from channels_app.delivery.pump import Pump, PumpOptions, PumpReport
from channels_app.delivery.transfer import WireOptions
from channels_app.selectors.switches import held_kinds, is_on
from channels_app.tasks.canaries import note_run
from channels_app.tasks.wake import wake

# Beside those that count, so many sends may hang without taking anybody's place.
SLOW_FACTOR = 4

_LOCK = Lock()
_CARRIERS: dict[int, Carrier] = {}


def worker_name() -> str:
    """Return the name of this worker: what its supervisor gave it, and the process."""
    return f"{cluster_name()}-{os.getpid()}"[:64]


def cluster_name() -> str:
    """Return what all processes of one worker have in common: its supervisor's name."""
    return os.environ.get("NOTIFICATIONS_WORKER") or socket.gethostname()[:40]


def canary(nonce: str) -> None:
    """Show that this worker's cluster runs what it is given."""
    note_run(nonce, cluster_name())


def is_draining() -> bool:
    """Return whether the supervisor asked its pumps to take nothing more."""
    path = os.environ.get("NOTIFICATIONS_DRAIN_FILE")
    return path is not None and Path(path).exists()


def carrier() -> Carrier:
    """Return this process's carrier: its connections outlive a single pump."""
    with _LOCK:
        # A thread does not survive a fork, so each process makes its own.
        known = _CARRIERS.get(os.getpid())
        if known is None or not known.is_running:
            known = _CARRIERS[os.getpid()] = new_carrier()
        return known


def new_carrier(also_allowed: tuple[Network, ...] = ()) -> Carrier:
    """Return a carrier of this installation's address policy and limits.

    `also_allowed` is for what this product itself listens on.
    """
    networks = parse_networks(",".join(settings.OUTBOUND_ALLOWED_NETWORKS))
    options = WireOptions(
        total_timeout=float(settings.SEND_DEADLINE_SECONDS),
        user_agent=f"notifications/{settings.VERSION}",
    )
    return Carrier(
        AddressPolicy(networks + also_allowed),
        options,
        max_in_flight=SLOW_FACTOR * settings.MAX_IN_FLIGHT,
    )


def pump(number: int) -> None:
    """Run the pump of a slot until nothing is due; then leave the slot."""
    worker = worker_name()
    if not make_ours() or not slots.take(number, worker):
        return
    try:
        run_pump(worker, heartbeat_slot=number)
    finally:
        slots.leave(number, worker)
    # What was accepted while the slot was being left has woken nobody.
    if not is_draining() and is_on("sending") and is_anything_due(held_kinds()):
        wake()


def run_pump(
    worker: str,
    *,
    heartbeat_slot: int | None = None,
    budget: float = 20.0,
    linger: float = 2.0,
) -> PumpReport:
    """Run a pump in this thread with this process's carrier."""

    def heartbeat() -> None:
        if heartbeat_slot is not None:
            slots.keep(heartbeat_slot, worker)

    options = PumpOptions(
        worker=worker,
        budget=budget,
        linger=linger,
        max_in_flight=settings.MAX_IN_FLIGHT,
        is_draining=is_draining,
        heartbeat=heartbeat,
    )
    return Pump(carrier(), options).run()
