"""Two messages beside each other, up to the first byte that differs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

_BEFORE = 64
_AFTER = 40
_ONLY = 256
_SPACE = "‹SP›"
_NAMES = {"\n": "LF", "\r": "CR", "\t": "TAB"}


@dataclass(frozen=True)
class Side:
    """One message: what is shared, the first character that is not, and some more.

    Line ends and other characters that nobody sees are written by name (‹LF›),
    bytes that are no UTF-8 as their number.
    """

    shared: str
    first: str
    rest: str
    length: int

    @property
    def text(self) -> str:
        """The part in one line, with the difference in brackets if there is one."""
        differing = f"⟨{self.first}{self.rest}⟩" if self.first or self.rest else ""
        return f"{self.shared}{differing}"


@dataclass(frozen=True)
class Comparison:
    """What must be signed, and what was signed as far as it is known.

    `at` is the place of the first byte that differs; None when nothing does.
    """

    right: Side
    wrong: Side | None = None
    at: int | None = None

    @property
    def sentence(self) -> str:
        """Where they part, for people."""
        if self.wrong is None:
            return _("What was signed instead is not known.")
        if self.at is None:
            return _("The messages are the same, byte for byte.")
        return _("They part at byte %(place)d.") % {"place": self.at}


def compare(right: bytes, wrong: bytes | None) -> Comparison:
    """Put the message that must be signed beside the one that was, if it is known."""
    at = None if wrong is None else first_difference(right, wrong)
    if at is None or wrong is None:
        whole = _whole(right)
        return Comparison(whole, whole if wrong is not None else None)
    edge = min(_edge(right, at), _edge(wrong, at))
    return Comparison(_side(right, edge), _side(wrong, edge), at)


def first_difference(one: bytes, other: bytes) -> int | None:
    """Return the place of the first byte that differs, or None."""
    if one == other:
        return None
    shared = min(len(one), len(other))
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), shared)


def visible(text: bytes) -> str:
    """Return bytes as text in which nothing is invisible but spaces."""
    return "".join(map(_sign, text.decode("utf-8", "backslashreplace")))


def _whole(message: bytes) -> Side:
    cut = _edge(message, _ONLY)
    more = " …" if cut < len(message) else ""
    return Side(visible(message[:cut]) + more, "", "", len(message))


def _side(message: bytes, edge: int) -> Side:
    start = _edge(message, max(0, edge - _BEFORE))
    end = _edge(message, edge + _AFTER)
    differing = message[edge:end].decode("utf-8", "backslashreplace")
    first = _SPACE if differing[:1] == " " else _sign(differing[:1])
    return Side(
        ("… " if start else "") + visible(message[start:edge]),
        first,
        visible(differing[1:].encode()) + (" …" if end < len(message) else ""),
        len(message),
    )


def _edge(text: bytes, at: int) -> int:
    """Return the beginning of the UTF-8 character that the place is in."""
    at = min(at, len(text))
    while 0 < at < len(text) and text[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _sign(character: str) -> str:
    if not character or character.isprintable():
        return character
    return f"‹{_NAMES.get(character) or f'U+{ord(character):04X}'}›"
