"""All figures of one moment, gathered once for everybody who asks within seconds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels_app.selectors.engine import QueueState, queue_state
from channels_app.selectors.figures import (
    DeliveryCounts,
    Pace,
    SendTime,
    Window,
    delivery_counts,
    pace,
    send_times,
)
from channels_app.selectors.switches import switch_values
from channels_app.selectors.throughput import dead_letters, sent_last_minute
from channels_app.services.sending import config_cache_use
from templates_app.selectors import CacheUse, template_cache_use

FRESH_SECONDS = 5.0
_MOST_KEPT = 100


@dataclass(frozen=True)
class Figures:
    """What was counted, by the database's clock."""

    window: Window
    deliveries: DeliveryCounts
    times: Sequence[SendTime]
    pace: Pace
    queue: QueueState
    dead_letters: int
    sent_last_minute: int
    switches: Mapping[str, bool]
    template_cache: CacheUse
    config_cache: CacheUse

    @property
    def kinds(self) -> list[str]:
        """The channel kinds that anything is known of."""
        counted = {row.channel_type for row in self.deliveries.rows}
        return sorted(counted | {row.channel_type for row in self.times})

    def count(self, *statuses: str, kind: str | None = None) -> int:
        """Count deliveries in these states, of one kind or of all."""
        return sum(
            row.count
            for row in self.deliveries.rows
            if row.status in statuses and kind in {None, row.channel_type}
        )

    def retries(self, kind: str | None = None) -> int:
        """Count the tries after the first, of one kind or of all."""
        return sum(
            row.retries
            for row in self.deliveries.rows
            if kind in {None, row.channel_type}
        )

    def success_rate(self, kind: str | None = None) -> float | None:
        """Return the part of what has ended that got through; None of none."""
        sent = self.count("sent", kind=kind)
        ended = sent + self.count("failed", "unknown", "expired", kind=kind)
        return round(sent / ended, 4) if ended else None

    def times_of(self, kind: str) -> list[SendTime]:
        """Return the send times of one kind."""
        return [row for row in self.times if row.channel_type == kind]


class _Memory:
    """The figures of the last seconds; those who ask at once wait for one answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Window, tuple[float, Figures]] = OrderedDict()

    def get(self, window: Window) -> Figures:
        with self._lock:
            kept = self._kept.get(window)
            if kept is None or time.monotonic() - kept[0] > FRESH_SECONDS:
                kept = (time.monotonic(), _gathered(window))
                self._kept[window] = kept
                self._kept.move_to_end(window)
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            return kept[1]

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


MEMORY = _Memory()


def figures(window: Window) -> Figures:
    """Return the figures of a window, at most FRESH_SECONDS old."""
    return MEMORY.get(window)


def _gathered(window: Window) -> Figures:
    return Figures(
        window=window,
        deliveries=delivery_counts(window),
        times=send_times(window),
        pace=pace(),
        queue=queue_state(),
        dead_letters=dead_letters(),
        sent_last_minute=sent_last_minute(),
        switches=switch_values(),
        template_cache=template_cache_use(),
        config_cache=config_cache_use(),
    )
