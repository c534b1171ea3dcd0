"""Verdicts on their way into the database: kept in memory until they are written."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings

from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.lessons import Lesson, learn
from channels_app.delivery.recording import record

RECORD_AT_ONCE = 200
RECORD_WITHIN = 0.1


class Logbook:
    """Writes verdicts in sets: when there are many, or after a moment, or at the end.

    What cannot be written, for the database is away, stays until the leases have
    ended; then the reaper says what became of those deliveries.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lessons: list[Lesson] = []
        self._oldest = 0.0
        self.written = 0
        self.failing: set[int] = set()

    def __len__(self) -> int:
        return len(self._lessons)

    def add(self, lesson: Lesson) -> None:
        if not self._lessons:
            self._oldest = self._clock()
        self._lessons.append(lesson)

    def is_due(self, *, nothing_in_flight: bool) -> bool:
        """Return whether a write is worth it now."""
        if not self._lessons:
            return False
        is_old = self._clock() - self._oldest >= RECORD_WITHIN
        return is_old or nothing_in_flight or len(self._lessons) >= RECORD_AT_ONCE

    def write(self) -> None:
        """Write all verdicts, then what they teach. Raises DatabaseError."""
        record([lesson.verdict.result for lesson in self._lessons])
        crash_at("after_recording")
        written, self._lessons = self._lessons, []
        self.written += len(written)
        self.failing = self.failing - _configs(written) | learn(written, self.failing)

    def is_hopeless(self) -> bool:
        """Return whether the verdicts have waited past the leases they belong to."""
        return self._clock() - self._oldest > settings.LEASE_SECONDS


def _configs(lessons: list[Lesson]) -> set[int]:
    return {lesson.claim.config_id for lesson in lessons if lesson.claim.config_id}
