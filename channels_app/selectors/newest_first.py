"""One page of a big table, newest first, beginning beside a row instead of a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from django.db.models import IntegerField, Model, QuerySet, Subquery

from channels_app.selectors.logs import COUNTED_ROWS

RowT = TypeVar("RowT", bound=Model)
# What each row of a page says of the list beside its own columns.
TOTAL, BEYOND = "rows_counted", "row_beyond"


@dataclass(frozen=True)
class Place:
    """The page of what is older than a row, or newer; of neither: the first page."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class NewestFirstPage(Generic[RowT]):
    """`total` is exact up to COUNTED_ROWS and stops one beyond; None: not counted."""

    rows: list[RowT]
    total: int | None
    newer: Place | None = None
    older: Place | None = None


class _Counted(Subquery):
    """How many rows a query has; its own limit bounds it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def page_at(matching: QuerySet[RowT], place: Place, size: int) -> NewestFirstPage[RowT]:
    """Return the page at `place` in one query; two where fewer than `size` are newer.

    Whoever comes back to the top gets the whole first page, not what is new above it.
    """
    if place.before is not None:
        return _older_page(matching, place.before, size)
    page = None if place.after is None else _newer_page(matching, place.after, size)
    return page or _first_page(matching, size)


def _first_page(matching: QuerySet[RowT], size: int) -> NewestFirstPage[RowT]:
    rows = list(_counted(matching, matching).order_by("-pk")[: size + 1])
    older = Place(before=rows[size - 1].pk) if len(rows) > size else None
    return NewestFirstPage(rows[:size], _total(rows) or 0, older=older)


def _older_page(
    matching: QuerySet[RowT], before: int, size: int
) -> NewestFirstPage[RowT]:
    above = matching.filter(pk__gte=before).order_by("pk")
    page = _counted(matching.filter(pk__lt=before), matching, above)
    rows = list(page.order_by("-pk")[: size + 1])
    if not rows:
        return NewestFirstPage([], None, newer=Place(after=before - 1))
    return NewestFirstPage(
        rows[:size],
        _total(rows),
        newer=Place(after=rows[0].pk) if _goes_on(rows) else None,
        older=Place(before=rows[size - 1].pk) if len(rows) > size else None,
    )


def _newer_page(
    matching: QuerySet[RowT], after: int, size: int
) -> NewestFirstPage[RowT] | None:
    below = matching.filter(pk__lte=after).order_by("-pk")
    page = _counted(matching.filter(pk__gt=after), matching, below)
    found = list(page.order_by("pk")[: size + 1])
    if len(found) < size:
        return None
    rows = found[size - 1 :: -1]
    return NewestFirstPage(
        rows,
        _total(rows),
        newer=Place(after=rows[0].pk) if len(found) > size else None,
        older=Place(before=rows[-1].pk) if _goes_on(rows) else None,
    )


def _counted(
    page: QuerySet[RowT],
    matching: QuerySet[RowT],
    beyond: QuerySet[RowT] | None = None,
) -> QuerySet[RowT]:
    ids = matching.order_by().values("pk")[: COUNTED_ROWS + 1]
    annotations: dict[str, Subquery] = {TOTAL: _Counted(ids)}
    if beyond is not None:
        annotations[BEYOND] = Subquery(beyond.values("pk")[:1])
    return cast(QuerySet[RowT], page.annotate(**annotations))


def _total(rows: list[RowT]) -> int | None:
    return vars(rows[0])[TOTAL] if rows else None


def _goes_on(rows: list[RowT]) -> bool:
    return vars(rows[0])[BEYOND] is not None
