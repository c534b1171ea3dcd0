"""The API of single messages: what became of one, cancelling and sending again."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.errors import request_id_of
from channels_app.api.inputs import (
    MOST_IDS,
    LogKey,
    Values,
    body_as,
    body_of,
    client_of,
)
from channels_app.models import NotificationLog, Scope
from channels_app.selectors.logs import attempts_of, log_by_message_id, log_row
from channels_app.selectors.timelines import timeline_of
from channels_app.services.bulk_replay import ReplayFilter, plan_replay, replay
from channels_app.services.config_checks import require_known_channel
from channels_app.services.deliveries import (
    RetryFilter,
    cancel_delivery,
    resend_delivery,
)
from channels_app.services.explanations import explain
from channels_app.services.refusals import RequestRefusedError
from templates_app.json_schema import BOOLEAN, INTEGER, STRING, TIME, by_name, record

_RETRY_BODY = schema.body(
    ids=schema.KEYS,
    since=TIME,
    until=TIME,
    channel=schema.CHANNEL,
    error_code=STRING,
    include_old={**BOOLEAN, "default": False},
    include_duplicates={**BOOLEAN, "default": False},
    dry_run={**BOOLEAN, "default": False},
)
_COUNTS = by_name(INTEGER)
_PLAN = record(
    as_of=TIME,
    matched=INTEGER,
    ready=INTEGER,
    too_old=INTEGER,
    duplicates=INTEGER,
    cannot_go={**_COUNTS, "description": "By reason."},
    by_channel=_COUNTS,
    by_config={**_COUNTS, "description": "By the id of the config."},
    by_error=_COUNTS,
    seconds={"type": "number", "description": "How long it takes."},
)
_RETRIED = record(
    "plan",
    queued=INTEGER,
    total_failed=INTEGER,
    message=STRING,
    plan={**_PLAN, "description": "With dry_run: what would be done."},
)


class RetryBody(msgspec.Struct):
    """Which failed deliveries to retry; other fields are read by `Values`."""

    ids: Annotated[list[LogKey], msgspec.Meta(max_length=MOST_IDS)] | None = None
    include_old: bool = False
    include_duplicates: bool = False
    dry_run: bool = False


class MessageView(APIView):
    """`/api/notifications/{message_id}`."""

    required_scope = Scope.LOGS

    @extend_schema(
        operation_id="get_message",
        summary="Show one delivery, its timeline and its explanation",
        responses=schema.answers({"data": schema.MESSAGE_PAGE}, 404),
    )
    def get(self, request: Request, message_id: str) -> Response:
        log = _found(request, message_id)
        attempts = list(attempts_of(log))
        explanation = explain(log, attempts)
        data = {
            "log": message_row(log),
            "timeline": timeline_of(log, attempts),
            "explanation": explanation.as_dict() if explanation else None,
        }
        return Response({"success": True, "data": data})


class CancelView(APIView):
    """`/api/notifications/{message_id}/cancel`."""

    required_scope = Scope.SEND

    @extend_schema(
        operation_id="cancel_message",
        summary="Cancel a delivery that is not settled",
        request=None,
        responses=schema.answers({"data": schema.STATE}, 404, 409),
    )
    def post(self, request: Request, message_id: str) -> Response:
        """Cancel. One that is being sent right now is stopped if it still can be."""
        log = cancel_delivery(log=_found(request, message_id))
        return Response({"success": True, "data": _state(log)})


class ResendView(APIView):
    """`/api/notifications/{message_id}/resend`."""

    required_scope = Scope.SEND

    @extend_schema(
        operation_id="resend_message",
        summary="Send a delivery again",
        request=None,
        responses=schema.answers({"data": schema.STATE}, 404, 409),
    )
    def post(self, request: Request, message_id: str) -> Response:
        """Send again: a failed or held one itself, a sent one as a new delivery."""
        log = resend_delivery(
            log=_found(request, message_id), request_id=request_id_of(request)
        )
        return Response({"success": True, "data": _state(log)})


class RetryView(APIView):
    """`/api/notifications/retry`."""

    required_scope = Scope.OPS

    @extend_schema(
        operation_id="retry_failed",
        summary="Send failed deliveries again",
        request=_RETRY_BODY,
        responses=schema.answers({"data": _RETRIED}),
    )
    def post(self, request: Request) -> Response:
        """Queue them again, or with `dry_run` say what that would do.

        Left out, unless they are included, are old ones and those whose user got the
        same content since.
        """
        body = body_as(request, RetryBody)
        plan = plan_replay(_replay_filter(request, body))
        if body.dry_run:
            message = _("%(ready)d of %(total)d failed deliveries would be queued.")
            names = {"ready": plan.ready, "total": plan.matched}
            return _retried(0, plan.matched, message % names, plan=plan.as_dict())
        done = replay(plan, by=client_of(request).name)
        message = _("%(queued)d of %(total)d failed deliveries are queued again.")
        names = {"queued": done.queued, "total": done.matched}
        return _retried(done.queued, done.matched, message % names)


def _retried(queued: int, total: int, message: str, **more: object) -> Response:
    data = {"queued": queued, "total_failed": total, "message": message, **more}
    return Response({"success": True, "data": data})


def message_row(log: NotificationLog) -> dict[str, Any]:
    """Return a delivery as the page of one message shows it."""
    return {
        **log_row(log),
        "error_code": log.error_code or None,
        "template_version": log.template_version,
        "metadata": log.metadata,
        "attempts": log.attempt_no,
        "may_duplicate": log.may_duplicate,
        "is_corrected": log.is_corrected,
        "send_plain": log.send_plain,
        "cancel_requested": log.cancel_requested,
        "next_attempt_at": log.next_attempt_at,
        "expires_at": log.expires_at,
        "settled_at": log.settled_at,
    }


def _found(request: Request, message_id: str) -> NotificationLog:
    log = log_by_message_id(client_of(request), message_id)
    if log is None:
        raise RequestRefusedError(
            "NOT_FOUND",
            _("There is no delivery with this message id."),
            hint=_("Use the messageId that the answer to the send request gave."),
        )
    return log


def _state(log: NotificationLog) -> dict[str, Any]:
    return {
        "message_id": log.message_id,
        "messageId": log.message_id,
        "status": log.status,
        "cancel_requested": log.cancel_requested,
        "log": message_row(log),
    }


def _replay_filter(request: Request, body: RetryBody) -> ReplayFilter:
    values = Values(body_of(request))
    channel = values.text("channel", 20) or values.text("channel_type", 20)
    if channel is not None:
        require_known_channel(channel)
    retry = RetryFilter(
        ids=body.ids,
        since=values.moment("since"),
        until=values.moment("until", is_end=True),
        channel_type=channel,
        error_code=values.text("error_code", 64),
    )
    return ReplayFilter(
        retry,
        client_of(request),
        include_old=body.include_old,
        include_duplicates=body.include_duplicates,
    )
