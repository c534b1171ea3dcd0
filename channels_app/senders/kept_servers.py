"""Open connections to mail servers, kept for a moment for the next mail.

One that was idle for too long is ended when the next is taken or kept, or at exit.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

IDLE_SECONDS = 5.0
MOST = 16


class Closable(Protocol):
    """What can be kept."""

    def hang_up(self) -> None:
        """End the connection."""


Server = TypeVar("Server", bound=Closable)


class KeptServers(Generic[Server]):
    """Each connection is in one hand only; the freshest is given out first."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._kept: deque[tuple[Hashable, float, Server]] = deque()

    def take(self, key: Hashable) -> Server | None:
        """Return a fresh connection of this key, if there is one; end all old ones."""
        found = None
        with self._lock:
            old = self._too_old()
            for entry in reversed(self._kept):
                if entry[0] == key:
                    self._kept.remove(entry)
                    found = entry[2]
                    break
        for server in old:
            server.hang_up()
        return found

    def keep(self, key: Hashable, server: Server) -> None:
        with self._lock:
            self._kept.append((key, time.monotonic(), server))
            old = self._too_old()
            if len(self._kept) > MOST:
                old.append(self._kept.popleft()[2])
        for one in old:
            one.hang_up()

    def end_all(self) -> None:
        while self._kept:
            self._kept.popleft()[2].hang_up()

    def _too_old(self) -> list[Server]:
        found = []
        oldest = time.monotonic() - self._idle_seconds
        while self._kept and self._kept[0][1] < oldest:
            found.append(self._kept.popleft()[2])
        return found
