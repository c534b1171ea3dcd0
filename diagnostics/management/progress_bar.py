"""Showing how far something has got: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
from typing import TextIO

_WIDTH = 30
_LINES = 4


class ProgressBar:
    """Shows progress on a stream; call `end` when nothing more comes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._shown = (-1, "")

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` rows are done; `what` says which are now."""
        if self._is_terminal:
            self._draw(what, done, total)
            return
        step = (_LINES * done // max(total, 1), what)
        if step != self._shown:
            self._shown = step
            self._stream.write(f"{what}: {done} of {total} rows\n")

    def _draw(self, what: str, done: int, total: int) -> None:
        filled = _WIDTH * done // max(total, 1)
        bar = "█" * filled + "░" * (_WIDTH - filled)
        line = f"{bar} {100 * done // max(total, 1):3d} % {what}"
        columns = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{line[:columns]:<{columns}}")
        self._stream.flush()
        self._shown = (done, what)

    def end(self) -> None:
        """Leave the line of the bar."""
        if self._is_terminal and self._shown[0] >= 0:
            self._stream.write("\n")
