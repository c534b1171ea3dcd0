"""Deliveries in the admin: to read, to send again, to cancel."""

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from channels_app.admin.badges import status_badge
from channels_app.admin.configs import KindFilter
from channels_app.admin.delivery_moves import (
    ARRIVED,
    CANCEL,
    LOST,
    MOVES,
    RESEND,
    Move,
    run_move,
)
from channels_app.admin.delivery_page import delivery_page
from channels_app.admin.delivery_words import template_of
from channels_app.admin.newest_first import NewestFirstAdmin
from channels_app.admin.replays import run_replay_page, to_replay_page
from channels_app.admin.trials import RELOAD_SECONDS, is_watched
from channels_app.models import NotificationLog
from templates_app.admin.badges import badge, channel_badge, in_a_row, moment

BEGINNING_OF_MESSAGE_ID = re.compile(r"[0-9a-fA-F-]{6,35}")

# What a row of the list needs; a content may be large.
LISTED = (
    "message_id",
    "status",
    "user_id",
    "channel_type",
    "template_key",
    "template_version",
    "is_test",
    "retry_count",
    "error_code",
    "created_at",
    "sent_at",
)


@admin.register(NotificationLog)
class NotificationLogAdmin(NewestFirstAdmin):
    """What became of each notification on each channel."""

    change_form_template = "admin/channels_app/notificationlog/change_form.html"
    list_display = (
        "accepted",
        "state",
        "user_id",
        "channel",
        "template",
        "retry_count",
        "error_code",
        "sent",
        "message",
    )
    list_filter = ("status", KindFilter)
    list_display_links = ("accepted", "message")
    search_fields = ("message_id", "user_id", "request_id")
    search_help_text = _("A message id or its beginning, a user id, or a request id")
    fields = ("message_id",)
    actions = (*(move.name for move in MOVES), "replay")
    list_before_template = "admin/channels_app/notificationlog/before_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationLog]:
        rows: QuerySet[NotificationLog] = super().get_queryset(request)
        if _is_list(request):
            return rows.only(*LISTED)
        return rows.select_related("client", "config")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[NotificationLog], search: str
    ) -> tuple[QuerySet[NotificationLog], bool]:
        """Find whole ids, and beginnings of message ids: what an index can answer."""
        term = search.strip()
        if not term:
            return queryset, False
        found = Q(message_id=term) | Q(user_id=term) | Q(request_id=term)
        if BEGINNING_OF_MESSAGE_ID.fullmatch(term):
            found |= Q(message_id__startswith=term.lower())
        return queryset.filter(found), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Add what the page tells about the delivery."""
        log = self.get_object(request, object_id)
        is_reloaded = log is not None and is_watched(log)
        context = {
            "page": delivery_page(log) if log else None,
            "is_reloaded": is_reloaded,
            "offers": self._offers(request, log) if log else [],
            **(extra_context or {}),
        }
        response: HttpResponse = super().change_view(
            request, object_id, form_url, context
        )
        if is_reloaded:
            response.headers["Refresh"] = str(RELOAD_SECONDS)
        return response

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("channels_app.change_notificationlog")

    @admin.action(description=_("Send again"), permissions=["operate"])
    def resend(
        self, request: HttpRequest, queryset: QuerySet[NotificationLog]
    ) -> HttpResponse | None:
        return run_move(self, request, queryset, RESEND)

    @admin.action(description=_("Cancel"), permissions=["operate"])
    def cancel(
        self, request: HttpRequest, queryset: QuerySet[NotificationLog]
    ) -> HttpResponse | None:
        return run_move(self, request, queryset, CANCEL)

    @admin.action(description=ARRIVED.label, permissions=["operate"])
    def arrived(
        self, request: HttpRequest, queryset: QuerySet[NotificationLog]
    ) -> HttpResponse | None:
        return run_move(self, request, queryset, ARRIVED)

    @admin.action(description=LOST.label, permissions=["operate"])
    def lost(
        self, request: HttpRequest, queryset: QuerySet[NotificationLog]
    ) -> HttpResponse | None:
        return run_move(self, request, queryset, LOST)

    @admin.action(description=_("Replay, by a plan"), permissions=["operate"])
    def replay(
        self, request: HttpRequest, queryset: QuerySet[NotificationLog]
    ) -> HttpResponse | None:
        return to_replay_page(request, queryset)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead those who may operate to the bulk replay."""
        context = {"may_replay": self.has_operate_permission(request)}
        response: HttpResponse = super().changelist_view(
            request, {**context, **(extra_context or {})}
        )
        return response

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay_view)
        route = path("replay/", view, name="channels_app_notificationlog_replay")
        urls: list[URLPattern] = [route, *super().get_urls()]
        return urls

    def replay_view(self, request: HttpRequest) -> HttpResponse:
        """Show the plan of a bulk replay; on the confirmed POST do it."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        return run_replay_page(self, request)

    def _offers(self, request: HttpRequest, log: NotificationLog) -> list[Move]:
        if not self.has_operate_permission(request):
            return []
        return [move for move in MOVES if log.status in move.states]

    @admin.display(description=_("accepted"))
    def accepted(self, log: NotificationLog) -> SafeString:
        return moment(log.created_at)

    @admin.display(description=_("sent at"))
    def sent(self, log: NotificationLog) -> SafeString | None:
        return moment(log.sent_at) if log.sent_at else None

    @admin.display(description=_("message id"))
    def message(self, log: NotificationLog) -> SafeString:
        return format_html('<span class="nt-id">{}</span>', log.message_id)

    @admin.display(description=_("status"))
    def state(self, log: NotificationLog) -> SafeString:
        state = status_badge(log.status)
        return in_a_row([state, badge(_("test"), "plain")]) if log.is_test else state

    @admin.display(description=_("template"))
    def template(self, log: NotificationLog) -> str | None:
        return template_of(log) or None

    @admin.display(description=_("channel"))
    def channel(self, log: NotificationLog) -> SafeString:
        return channel_badge(log.channel_type)


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_changelist")
