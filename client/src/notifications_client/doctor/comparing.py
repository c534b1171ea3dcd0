"""Shows two messages beside each other, up to the first byte that differs."""

from __future__ import annotations

from notifications_client.doctor.diagnosis import Diagnosis
from notifications_client.words import say

_BEFORE = 48
_AFTER = 24
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def comparison(found: Diagnosis) -> list[str]:
    """Return the lines: what should be signed, what was, and where they part."""
    should, was = say("should be signed"), say("was signed")
    if found.signed is None:
        return [f"{should}: {visible(found.expected[:512])}"]
    at = found.first_difference
    if at is None:
        return [f"{should}: {visible(found.expected[:512])}", _same(found)]
    shared = found.expected[: _edge(found.expected, at)]
    start = _edge(shared, max(0, len(shared) - _BEFORE))
    before = ("… " if start else "") + visible(shared[start:])
    right, wrong = _rest(found.expected, len(shared)), _rest(found.signed, len(shared))
    width = max(len(should), len(was)) + 1
    place = say(
        "They part at byte {place}: {right} there, {wrong} was signed.",
        place=at,
        right=_first(right),
        wrong=_first(wrong),
    )
    return [
        f"{should + ':':{width}} {before}⟨{visible(right)}⟩",
        f"{was + ':':{width}} {before}⟨{visible(wrong)}⟩",
        place,
    ]


def _edge(text: bytes, at: int) -> int:
    """Return the beginning of the UTF-8 character that the place is in."""
    while 0 < at < len(text) and text[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _rest(text: bytes, at: int) -> bytes:
    return text[at : _edge(text, at + _AFTER)]


def _first(rest: bytes) -> str:
    if not rest:
        return say("the end")
    return f"“{visible(rest.decode('utf-8', 'replace')[0].encode())}”"


def visible(text: bytes) -> str:
    """Return bytes as text; line ends, control characters and broken UTF-8 as escapes."""
    shown = text.decode("utf-8", "backslashreplace")
    return "".join(_visible(character) for character in shown)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return _NAMES.get(character, f"\\x{ord(character):02x}")


def _same(found: Diagnosis) -> str:
    if found.is_good:
        return say("That is what was signed.")
    return say("The messages are the same, byte for byte.")
