"""Calls the ticker over and over and outlives whatever it cannot do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connection

logger = logging.getLogger(__name__)

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 15.0


class Rounds:
    """One ticker's rounds: errors are logged and counted, the next round comes."""

    def __init__(
        self,
        start: Callable[[], None],
        tick: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.errors = 0
        self.has_succeeded = False
        self._start = start
        self._tick = tick
        self._clock = clock
        self._lost_rounds = 0
        self._not_before = float("-inf")

    def next(self) -> None:
        """Do one round, unless the database is given time to come back."""
        if self._clock() < self._not_before:
            return
        try:
            self._round()
        except DatabaseError as error:
            self._lose_database(error)
        except Exception:
            self.errors += 1
            logger.exception("Round %d of the ticker failed.", self.errors)
        else:
            self._succeed()

    def _round(self) -> None:
        close_old_connections()
        if not self.has_succeeded:
            self._start()
        self._tick()

    def _succeed(self) -> None:
        if self._lost_rounds:
            logger.warning("The database is back after %d tries.", self._lost_rounds)
        self._lost_rounds = 0
        self.has_succeeded = True

    def _lose_database(self, error: DatabaseError) -> None:
        self.errors += 1
        if not self._lost_rounds:
            logger.error("The database cannot be used, trying again: %s", error)
        pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(self._lost_rounds, 10))
        self._lost_rounds += 1
        self._not_before = self._clock() + pause
        connection.close()
