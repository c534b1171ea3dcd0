"""Lists over tables of millions of rows, to read."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only the product writes; nothing is ever counted in full."""

    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_disable_select_all = True
    list_per_page = 50

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> Paginator[Any]:
        """Count no rows of the table; the history of one row may be counted."""
        kind = InfinitePaginator if queryset.model is self.model else Paginator
        paginator: Paginator[Any] = kind(
            queryset, per_page, orphans, allow_empty_first_page
        )
        return paginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False
