"""Cut Telegram markup into messages that each stand alone."""

from collections.abc import Callable
from dataclasses import dataclass

from channels_app.senders.pieces import is_between_letters, is_blank
from channels_app.senders.telegram_markup import Atom, Markup

_NOTHING_OPEN: tuple[Atom, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A place between two atoms: index, characters shown before it, what is open."""

    index: int
    count: int
    opened: tuple[Atom, ...]


def split_markup(
    markup: Markup, limit: int, read: Callable[[str], Markup]
) -> list[str] | None:
    """Return pieces that each show something, at most `limit` characters of it.

    Each stands alone: cuts lie between entities; only an entity longer than a piece
    is closed and opened again. None when the markup is not balanced, or cannot be
    cut so that it reads the same.
    """
    if not markup.is_balanced:
        return None
    shown, places = markup.shown, _places(markup)
    pieces, start = [], places[0]
    while len(shown) - start.count > limit:
        end = _best_place(shown, places, start, limit)
        pieces.append(_piece(markup, start, end))
        start = end
    pieces.append(_piece(markup, start, places[-1]))
    seen = [read(piece) for piece in pieces]
    if not _reads_the_same(markup, seen):
        return None
    return [
        piece
        for piece, now in zip(pieces, seen, strict=True)
        if not is_blank(now.shown)
    ]


def _reads_the_same(markup: Markup, pieces: list[Markup]) -> bool:
    is_balanced = all(piece.is_balanced for piece in pieces)
    return is_balanced and "".join(piece.shown for piece in pieces) == markup.shown


def _places(markup: Markup) -> list[_Place]:
    """Return one place for each number of characters shown: the least deep one."""
    best, stack, count = {0: _Place(0, 0, ())}, _NOTHING_OPEN, 0
    for index, atom in enumerate(markup.atoms, start=1):
        count += len(atom.shown)
        if atom.closing is not None:
            stack = (*stack, atom)
        elif atom.closes:
            stack = stack[:-1]
        known = best.get(count)
        if known is None or len(stack) < len(known.opened):
            best[count] = _Place(index, count, stack)
    return [*best.values(), _Place(len(markup.atoms), count, ())]


def _best_place(shown: str, places: list[_Place], start: _Place, limit: int) -> _Place:
    within = [p for p in places if start.count < p.count <= start.count + limit]
    outside = [place for place in within if not place.opened]
    half = start.count + limit // 2
    return _nicest(shown, outside, half) or _nicest(shown, within, half) or within[-1]


def _nicest(shown: str, places: list[_Place], half: int) -> _Place | None:
    late = [place for place in reversed(places) if place.count > half]
    for ending in ("\n\n", "\n", " "):
        for place in late:
            if shown.endswith(ending, 0, place.count):
                return place
    whole = (p for p in reversed(places) if is_between_letters(shown, p.count))
    return next(whole, None)


def _piece(markup: Markup, start: _Place, end: _Place) -> str:
    opening = "".join(atom.again or atom.raw for atom in start.opened)
    inside = "".join(atom.raw for atom in markup.atoms[start.index : end.index])
    closing = "".join(atom.closing or "" for atom in reversed(end.opened))
    return opening + inside + closing
