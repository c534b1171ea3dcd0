"""HTML for mail and the like: where a value is not safe, and what readers never see."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from templates_app.engine.errors import position
from templates_app.engine.problems import Problem, error, warning
from templates_app.formats.shapes import without_constructs

# Stands for a value while the page is read; nobody types it.
_MARK = "\ue000"
_TAG = re.compile(r"<[A-Za-z](?:\"[^\"]*\"|'[^']*'|[^\"'<>])*+>")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_RAW_TEXT = re.compile(r"<(script|style)\b[^<>]*+>", re.IGNORECASE)
_TAKEN_AWAY = frozenset(
    {"applet", "base", "embed", "form", "iframe", "link", "object", "script"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
    | {"source", "track", "wbr"}
)
_CLOSED_BY_THEMSELVES = frozenset(
    {"body", "dd", "dt", "head", "html", "li", "option", "p", "tbody", "td", "tfoot"}
    | {"th", "thead", "tr"}
)


def html_problems(source: str) -> list[Problem]:
    """Report values that could break out, tags left open, tags mail programs drop."""
    marked = without_constructs(source, _as_marks)
    reader = _Reader()
    reader.feed(marked)
    reader.close()
    reader.end()
    return [*_unsafe_values(marked), *reader.found]


def _as_marks(written: str) -> str:
    return re.sub(r"[^\n]", _MARK, written)


def _unsafe_values(marked: str) -> Iterator[Problem]:
    for tag in _TAG.finditer(marked):
        bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), tag[0])
        if _MARK in bare:
            found = error(
                "html_value_unquoted",
                _("A value stands in a tag without quotes: it could add attributes."),
                _('Put it in quotes, as in <a href="{{url}}">.'),
            )
            yield found.at(position(marked, tag.start() + bare.index(_MARK)))
    yield from _values_in_raw_text(marked)


def _values_in_raw_text(marked: str) -> Iterator[Problem]:
    lower = marked.lower()
    opening = _RAW_TEXT.search(marked)
    while opening:
        end = lower.find(f"</{opening[1].lower()}", opening.end())
        end = len(marked) if end < 0 else end
        start = marked.find(_MARK, opening.end(), end)
        if start >= 0:
            found = error(
                "html_value_in_script",
                _("A value stands inside <%(name)s>, where it cannot be escaped.")
                % {"name": opening[1].lower()},
                _("Take it out, or use a style attribute with fixed values."),
            )
            yield found.at(position(marked, start))
        opening = _RAW_TEXT.search(marked, end)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Problem] = []
        self._open: list[tuple[str, tuple[int, int]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _TAKEN_AWAY:
            self._say_taken_away(f"<{tag}>")
        for name, _value in attrs:
            if name.startswith("on"):
                self._say_taken_away(name)
        if tag not in _VOID:
            self._open.append((tag, self.getpos()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        names = [name for name, _at in self._open]
        if tag not in names:
            message = _("</%(name)s> closes nothing.") % {"name": tag}
            self._note(message, _("Delete it, or open the tag before it."))
            return
        while self._open and self._open[-1][0] != tag:
            self._say_open(*self._open.pop())
        self._open.pop()

    def end(self) -> None:
        """Report what the end of the text left open."""
        for name, at in self._open:
            self._say_open(name, at)

    def _say_open(self, name: str, at: tuple[int, int]) -> None:
        if name not in _CLOSED_BY_THEMSELVES:
            message = _("<%(name)s> is opened and not closed.") % {"name": name}
            self._note(message, _("Add </%(name)s>.") % {"name": name}, at)

    def _say_taken_away(self, what: str) -> None:
        message = _("Mail programs take %(what)s away.") % {"what": what}
        self._note(message, _("Do without it."))

    def _note(
        self, message: str, remedy: str, at: tuple[int, int] | None = None
    ) -> None:
        line, column = at or self.getpos()
        found = warning("html_questionable", message, remedy)
        self.found.append(found.at_line(line, column + 1))
