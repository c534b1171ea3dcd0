"""How fast a client asks: deadlines, a queue with an even pace, and waits between tries."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from notifications_client.errors import (
    ConflictError,
    ConnectionFailedError,
    DeadlineExceededError,
    NotificationError,
    Problem,
    RateLimitedError,
    UnavailableError,
)
from notifications_client.words import say

LONGEST_HOLD = 300.0
_NOT_CARRIED_OUT = frozenset({"MAINTENANCE", "DEGRADED", "QUEUE_FULL"})


class Deadline:
    """When a call must be over, with all its tries and waits."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return self._end - time.monotonic()

    def limit(self, seconds: float) -> float:
        """Return `seconds`, or what is left if that is less. Raises at the end."""
        left = self.left()
        if left <= 0:
            raise DeadlineExceededError(
                Problem(
                    say("No answer within {seconds:g} s.", seconds=self._seconds),
                    code="deadline_exceeded",
                    hint=say("Try again later, or allow more total_seconds."),
                )
            )
        return min(seconds, left)


class Pace:
    """A queue that lets requests through evenly, `per_minute` of them.

    Without a rate it lets everything through at once.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._interval = 60 / per_minute if per_minute else 0.0
        self._queue = threading.Lock()
        self._next = time.monotonic()

    def wait(self) -> None:
        """Wait in the queue for one's turn."""
        if not self._interval:
            return
        with self._queue:
            while (wait := self._next - time.monotonic()) > 0:
                time.sleep(wait)
            self._next = max(self._next, time.monotonic()) + self._interval

    def hold(self, seconds: float) -> None:
        """Let nobody through for so long: the service asked for it.

        What asks for more than LONGEST_HOLD seconds does not stop a program for so long.
        """
        self._next = max(self._next, time.monotonic() + min(seconds, LONGEST_HOLD))


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a call is tried.

    Tried again are 429, 5xx and network errors, and nothing else; `Retry-After` is
    honoured. Everything ends after `tries`, or when the next try would come later
    than `total_seconds` after the first.
    """

    tries: int = 4
    total_seconds: float = 60.0
    first_wait: float = 0.5
    longest_wait: float = 20.0

    def wait_after(
        self, error: NotificationError, tries: int, *, is_repeatable: bool
    ) -> float | None:
        """Return the seconds until the next try, or None if there must be none."""
        if tries >= self.tries or not _may_be_repeated(error, tries, is_repeatable):
            return None
        backoff = min(self.longest_wait, self.first_wait * 2.0 ** (tries - 1))
        jittered = backoff * random.uniform(0.5, 1.0)
        asked = error.retry_after
        return jittered if asked is None else asked + jittered * 0.2


def _may_be_repeated(error: NotificationError, tries: int, is_repeatable: bool) -> bool:
    if error.is_lasting:
        return False
    if isinstance(error, RateLimitedError):
        return True
    if isinstance(error, UnavailableError):
        return is_repeatable or error.code in _NOT_CARRIED_OUT
    if isinstance(error, ConnectionFailedError):
        return is_repeatable or not error.is_sent
    # What is still being worked on is the try before, whose answer was lost.
    is_own = isinstance(error, ConflictError) and tries > 1
    return is_own and is_repeatable and error.code == "IDEMPOTENCY_IN_PROGRESS"


def seconds_of(retry_after: str | None, date: str | None = None) -> float | None:
    """Return the seconds in a Retry-After header, which may also hold a date.

    A date is compared with that of the answer: this computer's clock may be wrong.
    """
    if retry_after and retry_after.strip().isdecimal():
        return float(retry_after)
    until = _moment_of(retry_after)
    if until is None:
        return None
    now = _moment_of(date)
    return max(0.0, until - (time.time() if now is None else now))


def _moment_of(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
