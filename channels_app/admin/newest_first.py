"""Lists of the admin that stay as fast on the last page as on the first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from channels_app.admin.reading import ReadOnlyAdmin
from channels_app.selectors.logs import COUNTED_ROWS
from channels_app.selectors.newest_first import NewestFirstPage, Place, page_at

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class PageLinks:
    """What stands beneath the list; the page itself is drawn by the template."""

    newest: str | None
    newer: str | None
    older: str | None
    total: str | None
    template_name: str = "admin/parts/newest_first.html"


class NewestFirstList(ChangeList):
    """A list whose pages begin beside a row: `?before=ID` or `?after=ID`."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Any]:
        for name in (BEFORE, AFTER):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        place = place_in(request.GET)
        page = page_at(self.queryset, place, self.list_per_page)
        self.result_list = page.rows
        self.result_count = self.full_result_count = page.total or 0
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = True
        self.paginator = self._links(page, place)

    def _links(self, page: NewestFirstPage[Any], place: Place) -> PageLinks:
        return PageLinks(
            newest=self.get_query_string() if place != Place() else None,
            newer=self._address(page.newer),
            older=self._address(page.older),
            total=None if page.total is None else said_of(page.total),
        )

    def _address(self, place: Place | None) -> str | None:
        if place is None:
            return None
        return str(self.get_query_string({BEFORE: place.before, AFTER: place.after}))


class NewestFirstAdmin(ReadOnlyAdmin):
    """Rows of a table of millions, by their ids; no other order has an index."""

    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(
        self, request: HttpRequest, **kwargs: Any
    ) -> type[NewestFirstList]:
        return NewestFirstList


def place_in(params: Mapping[str, str]) -> Place:
    """Return the place that an address names; what is no id names the first page."""
    for name in (BEFORE, AFTER):
        if re.fullmatch(r"[0-9]{1,18}", params.get(name, "")):
            return Place(**{name: int(params[name])})
    return Place()


def said_of(total: int) -> str:
    """Return a count as people read it."""
    return f"{COUNTED_ROWS:,}+" if total > COUNTED_ROWS else f"{total:,}"
