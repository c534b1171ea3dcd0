"""Judges from canary tasks whether the task cluster still works; pure, without a database.

django-q2 never recovers when the idle process that holds its queue's lock is killed, yet
looks alive; and when its monitor is killed, it runs tasks again without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CANARY_EVERY = 5.0
STARTUP_SECONDS = 15.0
SUSPICIOUS_AFTER = 12.0
WEDGED_AFTER = 15.0
BURST_PATIENCE = 5.0
BURST_PER_WORKER = 8
ACKNOWLEDGED_WITHIN = 10.0


class Word(StrEnum):
    """What is to be done about the cluster; the last two restart it."""

    FINE = "fine"
    BURST = "burst"
    WEDGED = "wedged"
    UNACKNOWLEDGED = "unacknowledged"


RESTARTS = frozenset({Word.WEDGED, Word.UNACKNOWLEDGED})


@dataclass(frozen=True)
class Sight:
    """What is seen of the cluster now. Silences are in seconds, None for ever.

    `is_occupied`: pumps that show life take all its processes. `is_unacknowledged`: a
    canary that ran is still queued, or ran twice.
    """

    own_silence: float | None = None
    others_silence: float | None = None
    is_occupied: bool = False
    is_unacknowledged: bool = False


class Watchdog:
    """Remembers which canaries were sent to the present cluster, and judges it."""

    def __init__(self) -> None:
        self._started_at = float("-inf")
        self._sent: list[float] = []
        self._burst_at: float | None = None
        self._was_unacknowledged = False

    def begin(self, now: float) -> None:
        """Start afresh: a new cluster, or one that the world outside kept from work."""
        self._started_at = now
        self._sent.clear()
        self._burst_at = None
        self._was_unacknowledged = False

    def excuse(self, seconds: float) -> None:
        """Let a time not count in which nobody could work or look."""
        self._started_at += seconds
        self._sent = [sent + seconds for sent in self._sent]
        if self._burst_at is not None:
            self._burst_at += seconds
        self._was_unacknowledged = False

    def is_canary_due(self, now: float) -> bool:
        return not self._sent or now - self._sent[-1] >= CANARY_EVERY

    def sent(self, now: float) -> None:
        """Note that a canary was queued."""
        self._sent.append(now)

    def judge(self, sight: Sight, now: float) -> Word:
        """Return what is to be done."""
        was_unacknowledged = self._was_unacknowledged
        self._was_unacknowledged = sight.is_unacknowledged
        if sight.is_unacknowledged and was_unacknowledged:
            return Word.UNACKNOWLEDGED
        if sight.is_occupied:
            self._forget_before(now)
            return Word.FINE
        quiet = self._quiet(sight, now)
        if quiet < SUSPICIOUS_AFTER:
            self._burst_at = None
            return Word.FINE
        return self._suspect(sight, quiet, now)

    def _suspect(self, sight: Sight, quiet: float, now: float) -> Word:
        if self._burst_at is None and _is_recent(sight.others_silence):
            self._burst_at = now
            return Word.BURST
        if self._burst_at is not None and now - self._burst_at < BURST_PATIENCE:
            return Word.FINE
        return Word.WEDGED if quiet >= WEDGED_AFTER else Word.FINE

    def _quiet(self, sight: Sight, now: float) -> float:
        """Return how long a canary waits that this cluster could have run."""
        if sight.own_silence is not None:
            self._forget_before(now - sight.own_silence)
        if not self._sent:
            return 0.0
        return min(now - self._sent[0], now - self._started_at - STARTUP_SECONDS)

    def _forget_before(self, moment: float) -> None:
        self._sent = [sent for sent in self._sent if sent > moment]


def _is_recent(silence: float | None) -> bool:
    return silence is not None and silence < SUSPICIOUS_AFTER
