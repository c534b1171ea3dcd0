"""Cut Telegram markup into messages that each stand alone."""

from dataclasses import dataclass

from channels_app.senders.pieces import is_between_letters
from channels_app.senders.telegram_markup import Atom, Markup

_NOTHING_OPEN: tuple[Atom, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A place between two atoms: index, characters shown before it, what is open."""

    index: int
    count: int
    opened: tuple[Atom, ...]


def split_markup(markup: Markup, limit: int) -> list[str] | None:
    """Return pieces that each show at most `limit` characters and stand alone.

    Cuts lie between entities; only an entity longer than a piece is closed and
    opened again. None when the markup cannot be cut safely.
    """
    if not markup.is_balanced:
        return None
    shown, places = markup.shown, _places(markup)
    pieces, start = [], places[0]
    while len(shown) - start.count > limit:
        end = _best_place(shown, places, start, limit)
        if end is None or {"_", "__"} <= {atom.raw for atom in end.opened}:
            return None
        pieces.append(_piece(markup, start, end))
        start = end
    pieces.append(_piece(markup, start, places[-1]))
    return pieces


def _places(markup: Markup) -> list[_Place]:
    places, stack, count = [_Place(0, 0, ())], _NOTHING_OPEN, 0
    for index, atom in enumerate(markup.atoms, start=1):
        count += len(atom.shown)
        if atom.closing is not None:
            stack = (*stack, atom)
        elif atom.closes:
            stack = stack[:-1]
        places.append(_Place(index, count, stack))
    return places


def _best_place(
    shown: str, places: list[_Place], start: _Place, limit: int
) -> _Place | None:
    within = [
        place
        for place in places[start.index + 1 :]
        if start.count < place.count <= start.count + limit
    ]
    outside = [place for place in within if not place.opened]
    half = start.count + limit // 2
    return _nicest(shown, outside, half) or _nicest(shown, within, half)


def _nicest(shown: str, places: list[_Place], half: int) -> _Place | None:
    late = [place for place in reversed(places) if place.count > half]
    for ending in ("\n\n", "\n", " "):
        for place in late:
            if shown.endswith(ending, 0, place.count):
                return place
    whole = (p for p in reversed(places) if is_between_letters(shown, p.count))
    return next(whole, None)


def _piece(markup: Markup, start: _Place, end: _Place) -> str:
    opening = "".join(atom.raw for atom in start.opened)
    inside = "".join(atom.raw for atom in markup.atoms[start.index : end.index])
    closing = "".join(atom.closing or "" for atom in reversed(end.opened))
    return opening + inside + closing
