"""Cut long text where a reader would: between paragraphs, lines, words, letters."""

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"


def split_text(text: str, limit: int) -> list[str]:
    """Return pieces of at most `limit` characters that each show something.

    Joined they are the text, but for blank pieces, which no provider takes.
    """
    return [text[start:stop] for start, stop in spans(text, limit)]


def spans(text: str, limit: int) -> Iterator[tuple[int, int]]:
    """Yield where each piece of `split_text` begins and ends."""
    start = 0
    while start < len(text):
        fits = len(text) - start <= limit
        stop = len(text) if fits else best_cut(text, start, start + limit)
        if not is_blank(text[start:stop]):
            yield start, stop
        start = stop


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: white space and control characters."""
    return all(c.isspace() or unicodedata.category(c) == "Cc" for c in text)


def best_cut(text: str, start: int, stop: int) -> int:
    """Return where to cut in (start, stop]; no earlier than half for a nice place."""
    half = start + (stop - start) // 2
    for separator in ("\n\n", "\n", " "):
        found = text.rfind(separator, half, stop)
        if found >= 0 and is_between_letters(text, found + len(separator)):
            return found + len(separator)
    whole = (cut for cut in range(stop, start, -1) if is_between_letters(text, cut))
    return next(whole, stop)


def is_between_letters(text: str, position: int) -> bool:
    """Whether a cut here leaves every letter, flag and emoji whole."""
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if _JOINER in (before, after) or (before, after) == ("\r", "\n"):
        return False
    if _continues_letter(after) or _is_surrogate_pair(before, after):
        return False
    return not (_is_flag_half(after) and _flag_halves_before(text, position) % 2)


def _continues_letter(character: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    is_tag = "\U000e0020" <= character <= "\U000e007f"
    is_vowel_or_final = "\u1160" <= character <= "\u11ff"  # decomposed Hangul
    is_mark = unicodedata.category(character).startswith("M")
    return is_skin_tone or is_tag or is_vowel_or_final or is_mark


def _is_surrogate_pair(before: str, after: str) -> bool:
    return "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, position: int) -> int:
    count = 0
    while count < position and _is_flag_half(text[position - 1 - count]):
        count += 1
    return count
