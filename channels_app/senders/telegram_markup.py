"""Telegram's three markups as atoms: to cut them without breaking, to take them off.

Reading never fails. Marks that pair with nothing count as text and make the
markup unbalanced, which Telegram would refuse too.
"""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

_DEEPEST = 32  # no person nests so deep; keeps the work linear
_V2 = re.compile(
    r"(?P<escape>\\[\x01-\x7e])"
    r"|(?P<code>```(?:\\[\s\S]|[^`\\])*+```|(?!```)`(?:\\[\s\S]|[^`\\])*+`)"
    r"|(?P<quote>^(?:(?:\*\*)?>)+)"
    r"|(?P<mark>\|\||__|[*_~])"
    r"|(?P<link>!?\[)"
    r"|(?P<target>\](?:\((?:\\[\s\S]|[^)\\])*+\)|(?!\()))"
    r"|(?P<unclosed>(?:```|\]\()[\s\S]*)"
    r"|(?P<stray>`)"
    r"|(?P<text>[\s\S])",
    re.MULTILINE,
)
_LEGACY = re.compile(
    r"(?P<escape>\\[_*`\[])"
    r"|(?P<code>```[\s\S]*?```|(?!```)`[^`]*`)"
    r"|(?P<span>\*[^*]*\*|_[^_]*_)"
    r"|(?P<anchor>\[[^\[\]]*\](?:\([^()]*\)|(?!\()))"
    r"|(?P<stray>[*_`\[])"
    r"|(?P<text>[\s\S])"
)
_HTML = re.compile(
    r"(?P<close></[a-z][a-z-]*\s*>)"
    r"|(?P<open><[a-z][a-z-]*(?:\"[^\"<]*\"|'[^'<]*'|[^<>\"'])*+>)"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|lt|gt|amp|quot);)"
    r"|(?P<stray><)"
    r"|(?P<text>[\s\S])",
    re.IGNORECASE,
)
# A word right behind the fence is the language if white space follows it.
_FENCE = re.compile(
    r"(?P<language>```(?:[^ \t\r\n\v\0`]+(?=[ \t\r\n\v\0]))?)(?:\r\n|\n\r|\r|\n)?"
)
_HREF = re.compile(r"\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest part that may stand alone: a character or a mark.

    `shown` is what a reader sees. An opening mark has `closing`, the text that
    ends it, and `again`, how it opens another piece if not as `raw`. `aside` is
    said behind it when the markup is taken off.
    """

    raw: str
    shown: str = ""
    closing: str | None = None
    closes: bool = False
    aside: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Markup:
    """A text in atoms; `is_balanced` says that every mark has its partner."""

    atoms: tuple[Atom, ...]
    is_balanced: bool

    @property
    def shown(self) -> str:
        return "".join(atom.shown for atom in self.atoms)

    @property
    def plain(self) -> str:
        return "".join(atom.shown + atom.aside for atom in self.atoms)


@dataclass(slots=True)
class _Reading:
    atoms: list[Atom] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    is_balanced: bool = True

    def text(self, raw: str, shown: str | None = None) -> None:
        self.atoms.append(Atom(raw, raw if shown is None else shown))

    def stray(self, raw: str) -> None:
        self.is_balanced = False
        for character in raw:
            self.text(character)

    def open(self, raw: str, closing: str) -> None:
        if len(self.opened) == _DEEPEST:
            self.stray(raw)
            return
        self.opened.append(len(self.atoms))
        self.atoms.append(Atom(raw, closing=closing))

    def close(self, raw: str, aside: str = "") -> None:
        start = self.opened.pop()
        self.atoms[start] = replace(self.atoms[start], closing=raw)
        self.atoms.append(Atom(raw, closes=True, aside=aside))

    def toggle(self, mark: str) -> None:
        raws = [self.atoms[index].raw for index in self.opened]
        if mark not in raws:
            self.open(mark, mark)
        elif raws[-1] == mark:
            self.close(mark)
        else:
            self.stray(mark)

    def whole(
        self, opening: str, inside: Iterable[str], closing: str, again: str = ""
    ) -> None:
        self.atoms.append(Atom(opening, closing=closing, again=again))
        for raw in inside:
            self.text(raw, raw[-1])
        self.atoms.append(Atom(closing, closes=True))

    def quote(self, raw: str) -> None:
        # A quote ends with its line; a mark around it would end inside.
        self.is_balanced = self.is_balanced and not self.opened
        self.text(raw, "")

    def finish(self) -> Markup:
        for index in self.opened:
            raw = self.atoms[index].raw
            self.atoms[index] = Atom(raw, raw)
        is_balanced = self.is_balanced and not self.opened
        return Markup(tuple(self.atoms), is_balanced)


def read_markdown_v2(source: str) -> Markup:
    reading = _Reading()
    for found in _V2.finditer(source):
        _take_v2(reading, found.lastgroup or "", found.group())
    return reading.finish()


def _take_v2(reading: _Reading, kind: str, raw: str) -> None:
    match kind:
        case "escape":
            reading.text(raw, raw[1])
        case "code":
            _take_code(reading, raw, r"\\[\x01-\x7e]|[\s\S]")
        case "mark":
            reading.toggle(raw)
        case "link":
            reading.open(raw, "")
        case "target":
            _take_target(reading, raw)
        case "quote":
            reading.quote(raw)
        case "stray" | "unclosed":
            reading.stray(raw)
        case _:
            reading.text(raw)


def _take_target(reading: _Reading, raw: str) -> None:
    if reading.opened and reading.atoms[reading.opened[-1]].raw in {"[", "!["}:
        link = re.sub(r"\\([\s\S])", r"\1", raw[2:-1])
        reading.close(raw, f" ({link})" if link else "")
    else:
        reading.stray(raw)


def _take_code(reading: _Reading, raw: str, unit: str) -> None:
    fence = _FENCE.match(raw[: -len("```")]) if raw.startswith("```") else None
    if fence is None:
        reading.whole("`", re.findall(unit, raw[1:-1]), "`")
        return
    inside = re.findall(unit, raw[fence.end() : -len("```")])
    # With a line break behind it, no word of a later piece becomes the language.
    reading.whole(fence[0], inside, "```", again=fence["language"] + "\n")


def read_markdown_legacy(source: str) -> Markup:
    reading = _Reading()
    for found in _LEGACY.finditer(source):
        _take_legacy(reading, found.lastgroup or "", found.group())
    return reading.finish()


def _take_legacy(reading: _Reading, kind: str, raw: str) -> None:
    match kind:
        case "escape":
            reading.text(raw, raw[1])
        case "code":
            _take_code(reading, raw, r"[\s\S]")
        case "span":
            reading.whole(raw[0], raw[1:-1], raw[-1])
        case "anchor":
            _take_anchor(reading, raw)
        case "stray":
            reading.stray(raw)
        case _:
            reading.text(raw)


def _take_anchor(reading: _Reading, raw: str) -> None:
    label, bracket, link = raw[1:-1].partition("](")
    reading.open("[", "")
    for character in label:
        reading.text(character)
    target = raw[1 + len(label) :]
    reading.close(target, f" ({link})" if bracket and link else "")


def read_html(source: str) -> Markup:
    reading = _Reading()
    for found in _HTML.finditer(source):
        _take_html(reading, found.lastgroup or "", found.group())
    return reading.finish()


def _take_html(reading: _Reading, kind: str, raw: str) -> None:
    match kind:
        case "open":
            name = re.split(r"[\s>\"']", raw[1:], maxsplit=1)[0]
            reading.open(raw, f"</{name.lower()}>")
        case "close":
            _take_end_tag(reading, f"</{raw[2:-1].strip().lower()}>")
        case "entity":
            reading.text(raw, html.unescape(raw))
        case "stray":
            reading.stray(raw)
        case _:
            reading.text(raw)


def _take_end_tag(reading: _Reading, tag: str) -> None:
    opener = reading.atoms[reading.opened[-1]] if reading.opened else None
    if opener is None or opener.closing != tag:
        reading.stray(tag)
        return
    link = _HREF.search(opener.raw)
    reading.close(tag, f" ({html.unescape(link[1])})" if link else "")


READERS: dict[str, Callable[[str], Markup]] = {
    "MarkdownV2": read_markdown_v2,
    "Markdown": read_markdown_legacy,
    "HTML": read_html,
}
