"""Reads a template's source into marks: each insert and block as it was written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from jinja2 import Environment
from jinja2 import TemplateSyntaxError as JinjaSyntaxError

from templates_app.engine.errors import Position, SourceError, position
from templates_app.engine.escapes import Escape, link_places

_NEWLINE = re.compile(r"\r\n?")
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
_NAME = re.compile(r"[^\W\d]\w*")
_BEGINS = frozenset({"variable_begin", "block_begin", "comment_begin", "raw_begin"})
_ENDS = frozenset({"variable_end", "block_end"})
_LOOK_BACK = 1_000


@dataclass(frozen=True)
class Mark:
    """One insert or block: its text, its place, and where in a link it stands."""

    kind: str
    text: str
    at: Position
    label: str
    link_in: frozenset[Escape] = frozenset()

    @property
    def keyword(self) -> str:
        """The first word of a block, such as `for`."""
        return self.label.split(None, 1)[0] if self.label else ""


@dataclass(frozen=True)
class Scan:
    """A source cut into plain text and marks; `data` has the text by its offset."""

    parts: tuple[str | Mark, ...]
    needs_parser: bool
    data: Mapping[int, str]

    @property
    def inserts(self) -> tuple[Mark, ...]:
        """All inserts, in the order of the source."""
        return self._of("variable")

    @property
    def blocks(self) -> tuple[Mark, ...]:
        """All blocks, in the order of the source."""
        return self._of("block")

    def _of(self, kind: str) -> tuple[Mark, ...]:
        marks = (part for part in self.parts if isinstance(part, Mark))
        return tuple(mark for mark in marks if mark.kind == kind)


def normalise(source: str) -> str:
    """Use one kind of line break, and refuse what cannot be stored or sent."""
    source = _NEWLINE.sub("\n", source)
    if found := _UNSENDABLE.search(source):
        raise SourceError(
            "unsendable_character",
            _("The text holds a character that cannot be stored or sent."),
            _("Delete it and type the text again."),
            position(source, found.start()),
        )
    return source


def first_construct(source: str, line: int) -> Position:
    """Point at the first construct on a line, for errors that name only a line."""
    text = source.split("\n")[line - 1 : line]
    found = re.search(r"\{[{%#]", text[0]) if text else None
    return Position(line, found.start() + 1 if found else None)


def syntax_error(exc: JinjaSyntaxError, source: str) -> SourceError:
    """Say in our words what the parser could not read."""
    return SourceError(
        "template_syntax",
        _("The template cannot be read: %(detail)s") % {"detail": exc.message or ""},
        _("Check that every {{ has its }}, every {% its %}, and every block its end."),
        first_construct(source, exc.lineno),
    )


def scan(environment: Environment, source: str) -> Scan:
    """Cut a source into plain text and marks."""
    try:
        return Scan(*_collect(_located(environment, source), source))
    except JinjaSyntaxError as exc:
        raise syntax_error(exc, source) from exc


def _located(
    environment: Environment, source: str
) -> Iterator[tuple[int, int, str, str]]:
    """Give each token's start, end, kind and text."""
    offset = 0
    for _line, kind, text in environment.lex(source):
        start = source.index(text, offset) if kind in _BEGINS else offset
        offset = start + len(text)
        yield start, offset, kind, text


def _collect(
    tokens: Iterator[tuple[int, int, str, str]], source: str
) -> tuple[tuple[str | Mark, ...], bool, dict[int, str]]:
    parts: list[str | Mark] = []
    data: dict[int, str] = {}
    has_other = is_open = False
    start = inner = 0
    for begin, end, kind, text in tokens:
        if kind == "data":
            parts.append(text)
            data[begin] = text
        elif kind in {"variable_begin", "block_begin"}:
            start, inner, is_open = begin, end, True
        elif kind in _ENDS:
            written = source[start:end].rstrip()
            label = source[inner:begin].strip()
            parts.append(
                _mark(kind.removesuffix("_end"), written, label, source, start)
            )
            is_open = False
        elif kind in {"comment_begin", "raw_begin"}:
            has_other = True
    return tuple(parts), has_other or is_open, data


def _mark(kind: str, text: str, label: str, source: str, start: int) -> Mark:
    before = source[max(0, start - _LOOK_BACK) : start]
    links = link_places(before) if kind == "variable" else frozenset()
    return Mark(kind, text, position(source, start), label, links)


def is_name(text: str) -> bool:
    """Tell whether an insert holds a plain variable name and nothing else."""
    return _NAME.fullmatch(text) is not None
