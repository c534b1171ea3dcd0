"""Waking pumps: the queue only says "there is work", the database says which."""

from __future__ import annotations

import logging
import time

from django_q.tasks import async_task

from channels_app.delivery import slots
from channels_app.delivery.crash_points import crash_at

logger = logging.getLogger(__name__)


# So long a process trusts that pumps are awake: it spares each of many requests a
# look. A pump that left meanwhile is woken by the next look, or by the ticker.
AWAKE_FRESH_SECONDS = 0.05

_awake_until = [float("-inf")]


def forget_wakes() -> None:
    """Drop what this process remembers of pumps being awake."""
    _awake_until[0] = float("-inf")


def wake() -> bool:
    """Make sure that a pump runs soon; return whether one had to be woken.

    However many notifications are accepted, at most one wake-up for each slot is
    outstanding.
    """
    return slots.busy_count() == 0 and wake_one_more()


def wake_one_more() -> bool:
    """Wake a pump in a free slot; return whether there was one."""
    number = slots.book_wake()
    if number is None:
        return False
    async_task("channels_app.tasks.jobs.pump", number)
    return True


def wake_probes() -> None:
    """Let a worker probe the configs that are due; it takes each of them once."""
    async_task("channels_app.tasks.probing.probe")


def wake_quietly() -> None:
    """Wake after a commit. The ticker finds what a lost wake-up leaves lying."""
    crash_at("after_accept_commit")
    if time.monotonic() < _awake_until[0]:
        return
    try:
        wake()
        _awake_until[0] = time.monotonic() + AWAKE_FRESH_SECONDS
    except Exception as error:  # noqa: BLE001 - any broker may stand here
        # The notification is durable by now; a broker that is away must not undo
        # the caller's 202.
        logger.warning("The wake-up was lost, so the ticker will pump: %s", error)
