"""Orphans that a dead child left to us: given time to end, then killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection

from channels_app.processes import kernel


class Strays:
    """Processes that became our children because their parent died."""

    def __init__(self, patience_seconds: float = 15.0) -> None:
        self._patience = patience_seconds
        self._killed_after: dict[int, float] = {}

    def __bool__(self) -> bool:
        return bool(self._killed_after)

    def look(self, ours: Collection[int | None]) -> None:
        """Note the children that we did not start."""
        found = [pid for pid in kernel.children_of(os.getpid()) if pid not in ours]
        patience_ends = time.monotonic() + self._patience
        self._killed_after = {
            pid: self._killed_after.get(pid, patience_ends) for pid in found
        }

    def kill_overdue(self) -> None:
        now = time.monotonic()
        for pid, patience_ends in self._killed_after.items():
            if now >= patience_ends:
                kernel.signal_group_of(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        for pid in self._killed_after:
            kernel.signal_group_of(pid, signal.SIGKILL)
