"""The API of the queue: how it stands, and settling what waits to retry."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.inputs import MOST_IDS, LogKey, body_as, client_of
from channels_app.models import UNSETTLED, Scope, Status
from channels_app.selectors.engine import queue_state
from channels_app.selectors.throughput import dead_letters, sent_last_minute
from channels_app.services.deliveries import clear_retries
from templates_app.json_schema import BOOLEAN, INTEGER, NUMBER, or_null, record

_STATUS = record(
    depth=record(pending=INTEGER, retrying=INTEGER, sending=INTEGER),
    oldest_due_seconds=or_null(NUMBER),
    in_flight=INTEGER,
    workers_alive=INTEGER,
    dead_letters=INTEGER,
    sent_last_minute=INTEGER,
)
_CLEAR_BODY = schema.body(
    taskIds=schema.KEYS, markAsFailed={**BOOLEAN, "default": True}
)
_CLEARED = {**schema.MESSAGE, "data": record(updated=INTEGER)}


class ClearRetriesBody(msgspec.Struct, rename="camel"):
    """Which waiting retries to settle, and how; `task_ids` is `taskIds` in JSON."""

    task_ids: Annotated[list[LogKey], msgspec.Meta(max_length=MOST_IDS)] | None = None
    mark_as_failed: bool = True


class QueueStatusView(APIView):
    """`/api/queue/status`."""

    required_scope = Scope.OPS

    @extend_schema(
        operation_id="get_queue_status",
        summary="Show what waits, since when, and who works",
        responses=schema.answers({"data": _STATUS}),
    )
    def get(self, request: Request) -> Response:
        """Show the queue; `dead_letters` counts up to 10,000."""
        state = queue_state()
        dead = dead_letters()
        data = {
            "depth": {str(name): state.depth.get(name, 0) for name in UNSETTLED[:-1]},
            "oldest_due_seconds": state.oldest_due_seconds,
            "in_flight": state.depth.get(Status.SENDING, 0),
            "workers_alive": state.workers_alive,
            "dead_letters": dead,
            "sent_last_minute": sent_last_minute(),
        }
        return Response({"success": True, "data": data})


class ClearRetriesView(APIView):
    """`/api/queue/clear-retries`."""

    required_scope = Scope.OPS

    @extend_schema(
        operation_id="clear_retries",
        summary="Settle what waits to retry",
        request=_CLEAR_BODY,
        responses=schema.answers(_CLEARED),
    )
    def post(self, request: Request) -> Response:
        body = body_as(request, ClearRetriesBody)
        updated = clear_retries(
            client=client_of(request),
            ids=body.task_ids,
            are_failed=body.mark_as_failed,
        )
        message = _("%(count)d waiting retries are settled.") % {"count": updated}
        return Response(
            {"success": True, "message": message, "data": {"updated": updated}}
        )
