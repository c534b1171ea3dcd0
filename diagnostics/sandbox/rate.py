"""How often a provider lets one address be called."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

MAX_KEYS = 1000


@dataclass(frozen=True)
class Limit:
    """So many calls within so many seconds."""

    calls: int
    seconds: float


class RateLimits:
    """Sliding windows per key, in memory; old keys are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = {}

    def wait_for(self, key: str, limits: Sequence[Limit], now: float) -> int:
        """Count a call; return 0, or the whole seconds to wait when it is one too many."""
        with self._lock:
            calls = self._calls_of(key, max(limit.calls for limit in limits))
            waits = [_wait(calls, limit, now) for limit in limits]
            if not any(waits):
                calls.append(now)
            return ceil(max(waits))

    def _calls_of(self, key: str, most: int) -> deque[float]:
        if key not in self._calls and len(self._calls) >= MAX_KEYS:
            del self._calls[next(iter(self._calls))]
        return self._calls.setdefault(key, deque(maxlen=most))


def _wait(calls: deque[float], limit: Limit, now: float) -> float:
    if len(calls) < limit.calls:
        return 0
    return max(0, calls[-limit.calls] + limit.seconds - now)
