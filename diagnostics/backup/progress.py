"""How far something has got, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# The name of what is being done, how many rows are done, how many there are.
OnProgress = Callable[[str, int, int], None]


def in_silence(what: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass
class Steps:
    """Counts rows over several parts and tells of every few hundred."""

    total: int
    tell: OnProgress = in_silence
    every: int = 500
    done: int = 0

    def add(self, what: str, rows: int) -> None:
        """Count rows."""
        before = self.done // self.every
        self.done += rows
        if self.done // self.every > before or self.done >= self.total:
            self.tell(what, self.done, self.total)
