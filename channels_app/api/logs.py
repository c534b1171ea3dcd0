"""The API of the notification log: pages of it, and deleting from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.inputs import (
    LARGEST_ID,
    Values,
    body_or_query_of,
    client_of,
    query_of,
)
from channels_app.api.parsing import wrong_value
from channels_app.models import Scope, Status
from channels_app.selectors.logs import (
    MOST_OFFSET,
    MOST_ROWS,
    STATUS_NAMES,
    LogFilter,
    id_of_cursor,
    log_row,
    logs_page,
)
from channels_app.services.config_checks import require_known_channel
from channels_app.services.log_deletion import delete_log, delete_settled_logs
from channels_app.services.refusals import RequestRefusedError
from templates_app.json_schema import BOOLEAN, INTEGER, STRING, TIME, record

DEFAULT_ROWS = 100
MOST_DAYS = 36_500
LONGEST_METADATA = 1_000

_FILTERS = [
    OpenApiParameter("user_id", str),
    OpenApiParameter("channel", str, description="Also: channel_type."),
    OpenApiParameter("status", str, enum=list(STATUS_NAMES)),
    OpenApiParameter("template_key", str),
    OpenApiParameter(
        "start_date", str, description="ISO 8601; a date means its start."
    ),
    OpenApiParameter("end_date", str, description="ISO 8601; a date means its end."),
    OpenApiParameter(
        "metadata_key", str, description="Those whose metadata has this key."
    ),
    OpenApiParameter(
        "metadata_value", str, description="With metadata_key: and there this value."
    ),
    OpenApiParameter("limit", int, description="1 to 1,000; 100 by default."),
    OpenApiParameter("offset", int, description="Up to 10,000; else use cursor."),
    OpenApiParameter("cursor", str, description="next_cursor of the page before."),
]
_AGE = [
    OpenApiParameter(
        "days", int, description="Delete what is older than so many days."
    ),
    OpenApiParameter("before", str, description="Or older than this time, ISO 8601."),
]
_DELETED = {
    "message": STRING,
    "deletedLog": record(id=INTEGER, user_id=STRING, created_at=TIME),
}
_CLEANED = record(deleted_count=INTEGER, before=TIME, has_more=BOOLEAN)


class LogsView(APIView):
    """`/api/notification-logs`."""

    required_scope = Scope.LOGS

    @extend_schema(
        operation_id="list_logs",
        summary="List deliveries, newest first",
        parameters=_FILTERS,
        responses=schema.answers({"data": schema.LOGS}),
    )
    def get(self, request: Request) -> Response:
        """List deliveries. `total` is exact up to 10,000, where counting stops."""
        query = query_of(request)
        limit = query.number("limit", 1, MOST_ROWS) or DEFAULT_ROWS
        offset = query.number("offset", 0, MOST_OFFSET) or 0
        page = logs_page(
            client_of(request),
            _filter(query),
            limit=limit,
            offset=offset,
            before_id=_before_id(query, offset),
        )
        data = {
            "logs": [log_row(log) for log in page.logs],
            "total": page.total,
            "total_is_exact": page.is_total_exact,
            "limit": limit,
            "offset": offset,
            "next_cursor": page.next_cursor,
        }
        return Response({"success": True, "data": data})


class LogView(APIView):
    """`/api/notification-logs/{id}`."""

    required_scope = Scope.LOGS

    @extend_schema(
        operation_id="delete_log",
        summary="Delete one settled delivery",
        responses=schema.answers(_DELETED, 404, 409),
    )
    def delete(self, request: Request, log_id: str) -> Response:
        number = int(log_id) if len(log_id) <= len(str(LARGEST_ID)) else 0
        if not 0 < number <= LARGEST_ID:
            raise RequestRefusedError("NOT_FOUND", _("There is no such log."))
        log = delete_log(client=client_of(request), log_id=number)
        deleted = {"id": number, "user_id": log.user_id, "created_at": log.created_at}
        return Response(
            {
                "success": True,
                "message": _("The log was deleted."),
                "deletedLog": deleted,
            }
        )


class LogCleanupView(APIView):
    """`/api/notification-logs/cleanup`."""

    required_scope = Scope.LOGS

    @extend_schema(
        operation_id="clean_up_logs",
        summary="Delete old settled deliveries",
        parameters=_AGE,
        responses=schema.answers({"data": _CLEANED}),
    )
    def delete(self, request: Request) -> Response:
        """Delete settled deliveries that are older; `has_more` asks to call again."""
        before = _cleanup_time(body_or_query_of(request))
        deleted = delete_settled_logs(client=client_of(request), before=before)
        data: dict[str, Any] = {
            "deleted_count": deleted.count,
            "before": before,
            "has_more": deleted.has_more,
        }
        return Response({"success": True, "data": data})


def _filter(query: Values) -> LogFilter:
    return LogFilter(
        user_id=query.text("user_id", 100),
        channel_type=_channel(query),
        status=_status(query),
        template_key=query.text("template_key", 100),
        start=query.moment("start_date"),
        end=query.moment("end_date", is_end=True),
        metadata_key=_metadata_key(query),
        metadata_value=query.text("metadata_value", LONGEST_METADATA),
    )


def _metadata_key(query: Values) -> str | None:
    if query.text("metadata_value", LONGEST_METADATA) is None:
        return query.text("metadata_key", LONGEST_METADATA)
    return query.required_text("metadata_key", LONGEST_METADATA)


def _channel(query: Values) -> str | None:
    channel = query.text("channel", 20) or query.text("channel_type", 20)
    if channel is not None:
        require_known_channel(channel)
    return channel


def _status(query: Values) -> Status | None:
    name = query.text("status", 20)
    if name is None:
        return None
    if name not in STATUS_NAMES:
        known = ", ".join(STATUS_NAMES)
        raise wrong_value(
            "status",
            _("There is no status “%(name)s”.") % {"name": name},
            _("Use one of: %(known)s.") % {"known": known},
        )
    return STATUS_NAMES[name]


def _before_id(query: Values, offset: int) -> int | None:
    cursor = query.text("cursor", 100)
    if cursor is None:
        return None
    before_id = id_of_cursor(cursor)
    if before_id is None or offset:
        raise wrong_value(
            "cursor",
            _("cursor is not one that an answer gave, or offset is given with it."),
            _("Send next_cursor of the page before as it is, without offset."),
        )
    return before_id


def _cleanup_time(values: Values) -> datetime:
    days = values.number("days", 1, MOST_DAYS)
    before = values.moment("before") or values.moment("before_date")
    if days is not None and before is not None:
        raise wrong_value(
            "before", _("Both days and before are given."), _("Send one.")
        )
    if days is None and before is None:
        raise RequestRefusedError(
            "MISSING_PARAMETER",
            _("Say how old the logs must be: either days or before."),
            hint=_("For example ?days=90, or ?before=2026-01-31."),
            details={"parameter": "days"},
        )
    return before or timezone.now() - timedelta(days=days or 0)
