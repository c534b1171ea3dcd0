"""POST /api/webhooks/grafana: alerts of Grafana and Alertmanager."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.alert_body import ALERT_BODY
from channels_app.api.authentication import Caller, limit_sends
from channels_app.api.basic_auth import CHALLENGE, BasicAuthentication
from channels_app.api.bodies import raw_body
from channels_app.api.errors import request_id_of
from channels_app.api.inputs import client_of
from channels_app.api.parsing import read_with, refuse_other_media_type
from channels_app.api.send_form import LONGEST_USER_ID, short_text
from channels_app.models import Scope
from channels_app.senders.registry import SENDERS
from channels_app.services.alert_payloads import AlertGroup
from channels_app.services.alerts import AlertOutcome, accept_alerts, notes_of
from channels_app.services.refusals import RequestRefusedError
from templates_app.json_schema import INTEGER, STRING, list_of, or_null, record

UNAUTHORIZED = 401
_DECODER = msgspec.json.Decoder(AlertGroup)
_STATUS = record(
    "warning",
    "deduplicated",
    "error",
    "code",
    channelType=STRING,
    status=STRING,
    messageId=or_null(STRING),
    message_id=or_null(STRING),
    userId=STRING,
    logId=or_null(INTEGER),
    alerts=INTEGER,
    template=or_null(STRING),
    warning={**STRING, "description": "Why no template was used."},
    deduplicated={"const": True},
    error=STRING,
    code=STRING,
)
_DATA = record(
    message_ids=list_of(STRING),
    processed_alerts=INTEGER,
    notification_status=list_of(_STATUS),
)


class AlertWebhookView(APIView):
    """`/api/webhooks/grafana`: one notification for a group of alerts."""

    authentication_classes = [BasicAuthentication]
    required_scope = Scope.SEND

    @extend_schema(
        operation_id="receive_alerts",
        summary="Take alerts of Grafana or Alertmanager",
        request=ALERT_BODY,
        responses=schema.answers({"data": _DATA}, 404),
        parameters=[
            OpenApiParameter(
                "X-Notification-Channels",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="Channel types, comma-separated; absent: all of the user.",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Accept the webhook body of Grafana's unified alerting or of Alertmanager.

        `receiver` is the user id. The label `notification_template` picks a template.
        The same alerts in the same state are sent once in ten minutes.
        """
        caller = Caller(client_of(request))
        group = read_group(request)
        user_id = _user_of(group)
        known, unknown = _channels(request.headers.get("X-Notification-Channels", ""))
        if notes := notes_of(group):
            limit_sends(request, caller, len(notes))
        outcomes = accept_alerts(
            client=caller.client,
            group=group,
            user_id=user_id,
            channels=known,
            request_id=request_id_of(request),
        )
        rows = [row for outcome in outcomes for row in _rows(outcome)]
        rows += [_unknown(kind, user_id, group) for kind in unknown]
        data = {
            "message_ids": [row["message_id"] for row in rows if row["message_id"]],
            "processed_alerts": len(group.alerts or ()),
            "notification_status": rows,
        }
        return Response({"success": True, "data": data})

    def handle_exception(self, exc: Exception) -> Response:
        """Tell programs that log in only when asked how to do so."""
        response: Response = super().handle_exception(exc)
        if response.status_code == UNAUTHORIZED:
            response["WWW-Authenticate"] = CHALLENGE
        return response


def read_group(request: HttpRequest) -> AlertGroup:
    """Return the alerts in a body. Raises RequestRefusedError."""
    refuse_other_media_type(request.META.get("CONTENT_TYPE", ""))
    group = read_with(_DECODER, raw_body(request))
    if group.alerts is None:
        raise _missing("alerts")
    return group


def _user_of(group: AlertGroup) -> str:
    if group.receiver is None:
        raise _missing("receiver")
    return short_text("receiver", group.receiver, LONGEST_USER_ID)


def _missing(name: str) -> RequestRefusedError:
    return RequestRefusedError(
        "MISSING_PARAMETER",
        _("%(name)s is missing.") % {"name": name},
        hint=_(
            "Send the webhook body of Grafana's unified alerting or of Alertmanager "
            "(version 4) as it is; a custom payload goes to a bridge instead."
        ),
        details={"parameter": name},
    )


def _channels(header: str) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the channels asked for and those that do not exist; None for all.

    An alert is not lost over one misspelled channel. Raises INVALID_CHANNEL_TYPE when
    none is left.
    """
    asked = dict.fromkeys(part.strip().lower() for part in header.split(","))
    names = [name for name in asked if name]
    if not names:
        return None, []
    known = tuple(name for name in names if name in SENDERS)
    unknown = [name for name in names if name not in SENDERS]
    if not known:
        raise _no_channel(unknown[0])
    return known, unknown


def _no_channel(name: str) -> RequestRefusedError:
    kinds = sorted(SENDERS)
    return RequestRefusedError(
        "INVALID_CHANNEL_TYPE",
        _("There is no channel type “%(channel)s”.") % {"channel": name[:50]},
        hint=_("Use one of: %(known)s.") % {"known": ", ".join(kinds)},
        details={"parameter": "X-Notification-Channels", "known": kinds},
    )


def _rows(outcome: AlertOutcome) -> Iterable[dict[str, Any]]:
    """Return what became of a note by channel. Raises why it went nowhere."""
    result = outcome.outcome
    if isinstance(result, RequestRefusedError):
        raise result
    for found in result.body["results"]:
        warning = outcome.warnings.get(found["channelType"], "")
        row = {
            **found,
            "alerts": len(outcome.note.alerts),
            "template": None if warning else outcome.note.template_key or None,
        }
        yield row | ({"warning": warning} if warning else {})


def _unknown(kind: str, user_id: str, group: AlertGroup) -> dict[str, Any]:
    refusal = _no_channel(kind)
    return {
        "channelType": kind[:50],
        "status": "failed",
        "messageId": None,
        "message_id": None,
        "userId": user_id,
        "logId": None,
        "alerts": len(group.alerts or ()),
        "template": None,
        "error": str(refusal.message),
        "code": refusal.code,
    }
