"""The output of many processes as one stream of named lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import BinaryIO

LONGEST_LINE = 64 * 1024
COLOURS = ("36", "33", "35", "32", "34", "31")


class Printer:
    """Writes lines with the name of their origin, if it has one, before them."""

    def __init__(self, stream: BinaryIO, *, coloured: bool) -> None:
        self._stream = stream
        self._coloured = coloured
        self._colours = cycle(COLOURS)
        self._prefixes: dict[str, bytes] = {}

    def line(self, name: str, line: bytes) -> None:
        try:
            self._stream.write(self._prefix(name) + line + b"\n")
            self._stream.flush()
        except BrokenPipeError:
            # Nobody reads any more; the children must live on all the same.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def say(self, name: str, text: str) -> None:
        for line in text.splitlines():
            self.line(name, line.encode())

    def _prefix(self, name: str) -> bytes:
        if not name:
            return b""
        if name not in self._prefixes:
            label = f"{name:<8} | "
            colour = next(self._colours)
            plain = f"\x1b[{colour}m{label}\x1b[0m" if self._coloured else label
            self._prefixes[name] = plain.encode()
        return self._prefixes[name]


def standard_printer() -> Printer:
    """Return a printer to standard output, coloured on a terminal."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return Printer(sys.stdout.buffer, coloured=coloured)


@dataclass
class LineSplitter:
    """Turns what a pipe yields into whole lines."""

    deliver: Callable[[bytes], None]
    _rest: bytes = field(default=b"", init=False)

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.deliver(line.rstrip(b"\r"))
        if len(self._rest) >= LONGEST_LINE:
            self.finish()

    def finish(self) -> None:
        if self._rest:
            self.deliver(self._rest)
        self._rest = b""
