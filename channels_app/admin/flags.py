"""Flags in the admin: what each does, how it stands, who turned it and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise
from unfold.admin import ModelAdmin

from channels_app.models import FeatureFlag
from channels_app.selectors.switches import SWITCHES, Switch
from channels_app.services.switches import set_switch
from templates_app.admin.pages import model_page

NOTE_LENGTH = 500


@dataclass(frozen=True)
class FlagRow:
    """One flag as the list shows it; `changed_at` is None while nobody turned it."""

    name: str
    title: StrOrPromise
    meaning: StrOrPromise
    is_on: bool
    is_alarming: bool
    changed_at: datetime | None
    changed_by: str
    note: str


@admin.register(FeatureFlag)
class FeatureFlagAdmin(ModelAdmin):
    """The flags there are come from the code; the table holds what was turned."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: FeatureFlag | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        turn = self.admin_site.admin_view(self.turn_view)
        route = path("<str:name>/turn/", turn, name="channels_app_featureflag_turn")
        urls: list[URLPattern] = [route, *super().get_urls()]
        return urls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List every flag, turned or not."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return model_page(
            self,
            request,
            "change_list.html",
            _("Flags"),
            rows=flag_rows(),
            may_turn=self.has_change_permission(request),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the list: a flag is turned there."""
        return HttpResponseRedirect(_list())

    def turn_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask why, and on POST turn the flag to what the form says."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = next((row for row in flag_rows() if row.name == name), None)
        if row is None:
            raise Http404
        if request.method != "POST":
            return model_page(self, request, "turn.html", row.title, row=row)
        self._turn(request, row, is_on=request.POST.get("to") == "on")
        return HttpResponseRedirect(_list())

    def _turn(self, request: HttpRequest, row: FlagRow, *, is_on: bool) -> None:
        note = request.POST.get("note", "").strip()[:NOTE_LENGTH]
        flag = set_switch(
            name=row.name,
            is_enabled=is_on,
            changed_by=request.user.get_username(),
            note=note,
        )
        said = _("“%(flag)s” is on.") if is_on else _("“%(flag)s” is off.")
        LogEntry.objects.log_actions(
            user_id=str(request.user.pk),
            queryset=[flag],
            action_flag=CHANGE,
            change_message=f"{said % {'flag': row.title}} {note}".strip(),
            single_object=True,
        )
        messages.success(request, said % {"flag": row.title})


def flag_rows() -> list[FlagRow]:
    """Return every switch with how it stands: one query."""
    stored = {flag.name: flag for flag in FeatureFlag.objects.all()}
    return [_row(switch, stored.get(switch.name)) for switch in SWITCHES.values()]


def _row(switch: Switch, flag: FeatureFlag | None) -> FlagRow:
    is_on = flag.is_enabled if flag else switch.default
    return FlagRow(
        name=switch.name,
        title=switch.title,
        meaning=switch.meaning,
        is_on=is_on,
        is_alarming=is_on == (switch.name == "maintenance"),
        changed_at=flag.updated_at if flag else None,
        changed_by=flag.changed_by if flag else "",
        note=flag.note if flag else "",
    )


def _list() -> str:
    return reverse("admin:channels_app_featureflag_changelist")
