"""Telegram's two markdowns, read to find what its server would refuse."""

import re
from dataclasses import dataclass
from typing import NoReturn

from django.utils.translation import gettext as _

from templates_app.formats.markup import MarkupError

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
_ENDS = {"*": "*", "_": "_", "__": "__", "~": "~", "||": "||", "[": "]", "![": "]"}
_MARKS = ("__", "_", "*", "~", "||", "![", "[")
_CODE = re.compile(r"```(?:\\[\s\S]|[^`\\])*+```|(?!```)`(?:\\[\s\S]|[^`\\])*+`")
_LANGUAGE = re.compile(r"(?:[^\s`]+(?=\s))?(?:\r\n|\n\r|\n|\r)?")
_TARGET = re.compile(r"\(((?:\\[\s\S]|[^)\\])*+)\)")
_EMOJI = re.compile(r"tg://emoji/?\?id=[1-9][0-9]{0,18}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\x01-\x7e])")
_LEGACY_ESCAPED = frozenset("_*`[")


def read_markdown_v2(text: str) -> str:
    """Give what a reader sees; raises MarkupError."""
    return _MarkdownV2(text).read()


def read_markdown_legacy(text: str) -> str:
    """Give what a reader sees; raises MarkupError."""
    shown: list[str] = []
    at = 0
    while at < len(text):
        piece, at = _legacy_piece(text, at)
        shown.append(piece)
    return "".join(shown)


def _legacy_piece(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\" and text[at + 1 : at + 2] in _LEGACY_ESCAPED:
        return text[at + 1], at + 2
    if text[at] not in _LEGACY_ESCAPED:
        return text[at], at + 1
    opening = "```" if text.startswith("```", at) else text[at]
    closing = "]" if opening == "[" else opening
    start = at + len(opening)
    end = text.find(closing, start)
    if end < 0:
        _refuse_open(opening, at)
    after = end + len(closing)
    if opening == "[" and text.startswith("(", after):
        target = text.find(")", after)
        if target < 0:
            _refuse_target(after)
        after = target + 1
    if opening == "```" and (language := _LANGUAGE.match(text, start, end)):
        start = language.end()
    return text[start:end], after


@dataclass(frozen=True)
class _Open:
    mark: str
    at: int


class _MarkdownV2:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.shown: list[str] = []
        self.open: list[_Open] = []
        self.may_quote = True
        self.in_quote = False

    def read(self) -> str:
        while self.at < len(self.text):
            self._step()
        self._end_quote_at_end()
        if self.open:
            _refuse_open(self.open[-1].mark, self.open[-1].at)
        return "".join(self.shown)

    def _step(self) -> None:
        character = self.text[self.at]
        if escaped := _ESCAPED.match(self.text, self.at):
            self._put(escaped[1], 2)
        elif character not in _RESERVED:
            self._put(character, 1)
        elif character == "\n":
            self._break_line()
        elif character == "`":
            self._read_code()
        elif character == ">":
            self._begin_quote()
        elif not self._ends_mark():
            self._begin_mark()

    def _is(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _put(self, character: str, length: int) -> None:
        self.shown.append(character)
        self.at += length
        if character != "\r":
            self.may_quote = character == "\n"

    def _break_line(self) -> None:
        if self.in_quote and not self._is("\n>"):
            self._close_quote(self.at - 2)
        self._put("\n", 1)

    def _begin_quote(self) -> None:
        if not self.may_quote:
            _refuse_reserved(">", self.at)
        if not self.in_quote:
            self.open.append(_Open(">", self.at))
        self.in_quote = True
        self.at += 1

    def _close_quote(self, lone_at: int) -> None:
        # A lone || at the end of a quote makes it expandable.
        if self.open[-1] == _Open("||", lone_at):
            self.open.pop()
        if self.open[-1].mark != ">":
            _refuse_open(self.open[-1].mark, self.open[-1].at)
        self.open.pop()
        self.in_quote = False

    def _end_quote_at_end(self) -> None:
        if self.in_quote:
            self._close_quote(len(self.text) - 2)

    def _read_code(self) -> None:
        found = _CODE.match(self.text, self.at)
        if found is None:
            _refuse_open("```" if self._is("```") else "`", self.at)
        length = 3 if found[0].startswith("```") and len(found[0]) > 5 else 1
        inside = found[0][length:-length]
        if length == 3 and (language := _LANGUAGE.match(inside)):
            inside = inside[language.end() :]
        self.shown.append(_ESCAPED.sub(r"\1", inside))
        self.at = found.end()
        self.may_quote = self.may_quote and not inside

    def _ends_mark(self) -> bool:
        last = self.open[-1].mark if self.open else ""
        if not last or last == ">" or (last == "_" and self._is("__")):
            return False
        if not self._is(_ENDS[last]):
            return False
        self.at += len(_ENDS[last])
        self.open.pop()
        if last in {"[", "!["}:
            self._read_target(last)
        return True

    def _read_target(self, opening: str) -> None:
        found = _TARGET.match(self.text, self.at)
        if found is None and (self._is("(") or opening == "!["):
            _refuse_target(self.at)
        if found is None:
            return
        if opening == "![" and not _EMOJI.fullmatch(found[1]):
            _refuse_target(self.at)
        self.at = found.end()

    def _begin_mark(self) -> None:
        for mark in _MARKS:
            if self._is(mark):
                self.open.append(_Open(mark, self.at))
                self.at += len(mark)
                return
        _refuse_reserved(self.text[self.at], self.at)


def _refuse_reserved(character: str, at: int) -> NoReturn:
    raise MarkupError(
        at,
        _("“%(char)s” is reserved in MarkdownV2.") % {"char": character},
        _("Write “\\%(char)s” to show it.") % {"char": character},
    )


def _refuse_open(mark: str, at: int) -> NoReturn:
    raise MarkupError(
        at,
        _("“%(mark)s” is opened and not closed.") % {"mark": mark},
        _("Close it, or write “\\%(char)s” to show the character.") % {"char": mark[0]},
    )


def _refuse_target(at: int) -> NoReturn:
    raise MarkupError(
        at,
        _("The address of this link has no end, or is none."),
        _("Write [text](https://example.com)."),
    )
