"""Finds where each value of a JSON source stands in the text as it was typed."""

import json
import re
from typing import TypeAlias

from templates_app.engine.errors import Position, position

MAX_DEPTH = 50

Path: TypeAlias = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"(?:[^"\\]|\\[\s\S])*+"')
_SCALAR = re.compile(r"[^\s,:\[\]{}]++")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_WRITTEN = re.compile(rf"{_PAIR.pattern}|\\u[0-9a-fA-F]{{4}}|\\[\s\S]|[\s\S]")
_NEWLINE = re.compile(r"\r\n?|\n")


class _StoppedError(Exception):
    """The source is no JSON from here on, or nested too deep."""


def pointer(path: Path) -> str:
    """Write a path as a JSON pointer."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps) or "/"


class JsonPlaces:
    """The offsets of all values, by their path; reads as far as the source is JSON."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._offsets: dict[Path, int] = {}
        self._pointers: dict[str, int] = {}
        self._twice: int | None = None
        self._deep: int | None = None
        try:
            self._read(())
        except _StoppedError:
            self._pointers.setdefault("/", 0)

    @property
    def duplicate(self) -> Position | None:
        """The place of the first key that stands twice in one object."""
        return None if self._twice is None else position(self._source, self._twice)

    @property
    def too_deep(self) -> Position | None:
        """The place where the nesting passes the limit."""
        return None if self._deep is None else position(self._source, self._deep)

    def of_pointer(self, where: str) -> Position:
        """Give the place of a value, or of the nearest one around it that is there."""
        while where and where not in self._pointers:
            where = where.rpartition("/")[0]
        return position(self._source, self._pointers.get(where or "/", 0))

    def inside(self, path: Path, text: str, at: Position | None) -> Position:
        """Turn a place in a string's text into one in the source."""
        start = self._offsets.get(path, 0)
        if at is None or self._source[start : start + 1] != '"':
            return position(self._source, start)
        left = _offset_in(text, at)
        here = start + 1
        while left > 0 and (written := _WRITTEN.match(self._source, here)):
            here, left = written.end(), left - 1
        return position(self._source, here)

    def _read(self, path: Path) -> None:
        self._skip()
        self._offsets[path] = self._at
        self._pointers.setdefault(pointer(path), self._at)
        if len(path) > MAX_DEPTH:
            self._deep = self._at
            raise _StoppedError
        match self._source[self._at : self._at + 1]:
            case "{":
                self._read_object(path)
            case "[":
                self._read_array(path)
            case '"':
                self._take(_STRING)
            case _:
                self._take(_SCALAR)

    def _read_object(self, path: Path) -> None:
        self._at += 1
        seen: set[str] = set()
        while not self._ends_with("}"):
            key_at = self._at
            key = _decoded(self._take(_STRING))
            if key in seen and self._twice is None:
                self._twice = key_at
            seen.add(key)
            self._expect(":")
            self._read((*path, key))

    def _read_array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while not self._ends_with("]"):
            self._read((*path, index))
            index += 1

    def _ends_with(self, closing: str) -> bool:
        self._skip()
        found = self._source[self._at : self._at + 1]
        if found in {closing, ","}:
            self._at += 1
            self._skip()
        return found == closing

    def _skip(self) -> None:
        found = _SPACE.match(self._source, self._at)
        self._at = found.end() if found else self._at

    def _expect(self, sign: str) -> None:
        self._skip()
        if not self._source.startswith(sign, self._at):
            raise _StoppedError
        self._at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._source, self._at)
        if found is None:
            raise _StoppedError
        self._at = found.end()
        return found[0]


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(literal))
    except ValueError as exc:
        raise _StoppedError from exc


def _offset_in(text: str, at: Position) -> int:
    start = 0
    for count, found in enumerate(_NEWLINE.finditer(text), start=2):
        if count > at.line:
            break
        start = found.end()
    return start + (at.column or 1) - 1
