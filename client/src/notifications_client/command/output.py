"""What the command prints: pleasant on a terminal, plain into a pipe, or JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from unicodedata import east_asian_width

_COLOURS = {"good": "32", "bad": "31", "open": "33", "faint": "2", "strong": "1"}
_STATUS_COLOURS = {
    "sent": "good",
    "healthy": "good",
    "failed": "bad",
    "unhealthy": "bad",
    "unknown": "bad",
    "degraded": "open",
    "would_send": "good",
    "would_fail": "bad",
}
_NARROWEST = 12


class Output:
    """Prints in one of the three ways."""

    def __init__(self, *, is_json: bool) -> None:
        self.is_json = is_json
        self._is_terminal = sys.stdout.isatty()
        self._has_colours = self._is_terminal and not os.environ.get("NO_COLOR")

    def json(self, value: object) -> None:
        print(json.dumps(plain(value), ensure_ascii=False))

    def line(self, text: str = "") -> None:
        print(text)

    def error(self, text: str, **fields: object) -> None:
        """Say what went wrong, beside what was asked for."""
        shown = json.dumps({"error": text, **fields}, ensure_ascii=False)
        print(shown if self.is_json else text, file=sys.stderr)

    def warn(self, text: str) -> None:
        print(text, file=sys.stderr)

    def paint(self, text: str, colour: str) -> str:
        if not self._has_colours or colour not in _COLOURS:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def status(self, status: str) -> str:
        return self.paint(status, _STATUS_COLOURS.get(status, "open"))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Print rows: in columns on a terminal, with tabs in a pipe.

        The second column is a status; the last one is cut where the line ends.
        """
        if not self._is_terminal:
            for row in rows:
                print("\t".join(_one_line(cell) for cell in row))
            return
        lines = [[_one_line(cell) for cell in row] for row in rows]
        widths = [max(map(_width, column)) for column in zip(*lines)]
        for line in lines:
            print(self._line_of(line, widths))

    def _line_of(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * len(cells)
        *first, last = cells
        shown = [
            self.status(cell) + " " * (width - _width(cell))
            if place == 1
            else cell + " " * (width - _width(cell))
            for place, (cell, width) in enumerate(zip(first, widths))
        ]
        return "  ".join([*shown, _cut(last, max(room, _NARROWEST))]).rstrip()


def plain(value: object) -> object:
    """Return what JSON can hold of an answer."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.repr]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def local_time(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut(text: str, room: int) -> str:
    if _width(text) <= room:
        return text
    kept = ""
    for letter in text:
        if _width(kept + letter) >= room:
            break
        kept += letter
    return kept + "…"
