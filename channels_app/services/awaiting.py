"""Waiting until deliveries have settled, holding no connection meanwhile."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from channels_app.models.sql import close_lost_connection
from channels_app.selectors.settlements import DeliveryState, states_of

logger = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 0.03
LONGEST_LOOK_SECONDS = 0.25


class _Places:
    """How many threads of this process wait now."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.taken = 0

    def take(self) -> bool:
        with self.lock:
            is_free = self.taken < settings.MAX_HELD_ANSWERS
            self.taken += is_free
        return is_free

    def leave(self) -> None:
        with self.lock:
            self.taken -= 1


PLACES = _Places()


@contextmanager
def place_to_wait() -> Iterator[bool]:
    """Take one of the places for waiting threads, if there is one; tell whether."""
    is_taken = PLACES.take()
    try:
        yield is_taken
    finally:
        if is_taken:
            PLACES.leave()


def settled_states(
    message_ids: Collection[str], seconds: float
) -> Mapping[str, DeliveryState]:
    """Return where deliveries are, once all have settled or the seconds are over.

    What was accepted stays so while the database is away: then the last look counts.
    """
    until = time.monotonic() + seconds
    known: dict[str, DeliveryState] = {}
    open_ids, pause = frozenset(message_ids), FIRST_LOOK_SECONDS
    while True:
        seen = _seen(open_ids)
        if seen is not None:
            known |= seen
            open_ids = frozenset(name for name in seen if seen[name].is_under_way)
        left = until - time.monotonic()
        if not open_ids or left <= 0:
            return known
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)


def _seen(message_ids: Collection[str]) -> Mapping[str, DeliveryState] | None:
    """Look once, and give the connection back; None while the database is away."""
    try:
        return states_of(message_ids)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The outcome that a caller waits for is not known: %s", error)
        return None
    finally:
        close_lost_connection()
