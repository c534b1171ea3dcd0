"""The time that requests are stamped with, and how far it is from the service's."""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime

# The Date header has whole seconds, cut off: on average half a second is missing.
_CUT_OFF_MS = 500


class Clock:
    """This computer's clock in milliseconds; corrected only if somebody says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_stamp = 0
        self._offset_ms = 0
        self._skew_ms: int | None = None

    @property
    def skew_ms(self) -> int | None:
        """How far this clock was ahead (+) of the service's when it last answered."""
        return self._skew_ms

    def stamp(self) -> str:
        """Return the time for one try; never the same twice, as replays are refused."""
        with self._lock:
            self._last_stamp = max(self._last_stamp + 1, now_ms() + self._offset_ms)
            return str(self._last_stamp)

    def note(self, date: str | None, sent_ms: int, received_ms: int) -> None:
        """Measure the skew from the Date header of an answer."""
        try:
            told = parsedate_to_datetime(date or "").timestamp() * 1000
        except (TypeError, ValueError, OverflowError):
            return
        middle = (sent_ms + received_ms) / 2
        self._skew_ms = round(middle - told - _CUT_OFF_MS)

    def correct(self, skew_ms: int) -> None:
        """Stamp with the service's time from now on."""
        with self._lock:
            self._offset_ms -= skew_ms
            self._last_stamp = 0


def now_ms() -> int:
    return time.time_ns() // 1_000_000
