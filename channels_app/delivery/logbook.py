"""Verdicts on their way into the database: kept in memory until they are written."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from django.conf import settings

from channels_app.delivery.clerk import Clerk
from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.lessons import Lesson, learn
from channels_app.delivery.recording import record
from channels_app.models.sql import is_postgres

RECORD_AT_ONCE = 200
RECORD_WITHIN = 0.1


@dataclass
class _Page:
    """A set of verdicts that is written at once, and what was known to be failing."""

    lessons: list[Lesson]
    known_failing: frozenset[int]
    oldest: float
    is_recorded: bool = False

    def write(self) -> set[int]:
        """Write the verdicts, then what they teach; return the configs that fail."""
        record([lesson.verdict.result for lesson in self.lessons])
        crash_at("after_recording")
        self.is_recorded = True
        return learn(self.lessons, self.known_failing)

    @property
    def still_failing(self) -> set[int]:
        """Return the configs known to be failing on which the page says nothing."""
        told = {lesson.claim.config_id for lesson in self.lessons}
        return {one for one in self.known_failing if one not in told}


class Logbook:
    """Writes verdicts in sets: when there are many, or after a moment, or at the end.

    On PostgreSQL a clerk writes while others are in flight, one set at a time;
    `collect` tells what came of it. What cannot be written, for the database is away,
    stays until the leases have ended; then the reaper says what became of those
    deliveries.
    """

    def __init__(
        self,
        clerk: Clerk,
        on_written: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clerk = clerk
        self._on_written = on_written
        self._clock = clock
        self._lessons: list[Lesson] = []
        self._oldest = 0.0
        self._pending: tuple[_Page, Future[set[int]]] | None = None
        self.written = 0
        self.failing: set[int] = set()

    def __len__(self) -> int:
        pending = len(self._pending[0].lessons) if self._pending else 0
        return len(self._lessons) + pending

    def add(self, lesson: Lesson) -> None:
        if not self._lessons:
            self._oldest = self._clock()
        self._lessons.append(lesson)

    def is_due(self, *, nothing_in_flight: bool) -> bool:
        """Return whether a write is worth it now."""
        if self._pending or not self._lessons:
            return False
        is_old = self._clock() - self._oldest >= RECORD_WITHIN
        return is_old or nothing_in_flight or len(self._lessons) >= RECORD_AT_ONCE

    def write(self, *, nothing_in_flight: bool) -> None:
        """Write all verdicts and what they teach. Raises DatabaseError.

        SQLite lets one connection write at a time: no clerk could help.
        """
        page = _Page(self._lessons, frozenset(self.failing), self._oldest)
        self._lessons, self.failing = [], set()
        if nothing_in_flight or not is_postgres():
            self._finish(page, page.write)
        else:
            written = self._clerk.do(page.write)
            self._pending = (page, written)
            written.add_done_callback(lambda _written: self._on_written())

    def collect(self, *, is_waited_for: bool) -> None:
        """See what the clerk has written. Raises the DatabaseError of its write."""
        if self._pending is None:
            return
        page, written = self._pending
        if is_waited_for or written.done():
            self._pending = None
            self._finish(page, written.result)

    def _finish(self, page: _Page, outcome: Callable[[], set[int]]) -> None:
        """Count what has been written, or keep it for the next page."""
        try:
            self.failing |= page.still_failing | outcome()
        finally:
            if page.is_recorded:
                self.written += len(page.lessons)
            else:
                self.failing |= page.known_failing
                self._lessons = page.lessons + self._lessons
                self._oldest = page.oldest

    def is_hopeless(self) -> bool:
        """Return whether the verdicts have waited past the leases they belong to."""
        return self._clock() - self._oldest > settings.LEASE_SECONDS
