"""POST /web_hook/bridge/{user_id}/{channel_type}: any body, from any program."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema, schema
from channels_app.api.authentication import Caller, limit_sends
from channels_app.api.bodies import raw_body
from channels_app.api.bridge_bodies import CONTENT_FIELDS, SUBJECT_FIELDS, words_in
from channels_app.api.callers import caller_address
from channels_app.api.client_figures import note_caller
from channels_app.api.errors import request_id_of
from channels_app.api.prefer import held_results
from channels_app.api.send_form import idempotency_key
from channels_app.models import UserConfig
from channels_app.services.bridges import config_behind
from channels_app.services.limits import Limit, take
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest
from channels_app.services.sending import accept_notification
from templates_app.json_schema import STRING, form

_ANYTHING: dict[str, str] = {}
_FIELDS = form(**dict.fromkeys((*SUBJECT_FIELDS, *CONTENT_FIELDS), _ANYTHING))
_ANY_BODY = {
    "application/json": _FIELDS,
    "application/x-www-form-urlencoded": _FIELDS,
    "text/plain": STRING,
}
_REFUSALS = (400, 401, 403, 409, 413, 422, 429, 503)


class BridgeView(APIView):
    """Takes what programs post that can neither sign nor log in."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="post_to_bridge",
        summary="Send what any program posts",
        request=_ANY_BODY,
        responses={
            202: schema.SEND_RESPONSES[202],
            404: management_schema.answers({}, 404)[404],
            **{status: schema.SEND_RESPONSES[status] for status in _REFUSALS},
        },
        parameters=schema.SEND_PARAMETERS[1:],
    )
    def post(self, request: Request, user_id: str, channel_type: str) -> Response:
        """Send a body through one channel config whose bridge is open.

        The subject is what `subject`, `title`, `summary` or `alertname` says, the content
        what `text`, `message`, `content`, `description` or `payload` says; else the body
        is the content.
        """
        config = _config(request, user_id, channel_type)
        note_caller(request, config.client)
        limit_sends(request, Caller(config.client))
        accepted = accept_notification(
            client=config.client,
            request=_notification(request, config),
            request_id=request_id_of(request),
        )
        held = held_results(request, [accepted.body["results"]])
        headers = dict(held.headers)
        if accepted.is_replayed:
            headers["Idempotent-Replayed"] = "true"
        body = {**accepted.body, "results": held.groups[0]}
        return Response(body, status=202, headers=headers)


def _config(request: HttpRequest, user_id: str, channel_type: str) -> UserConfig:
    address = caller_address(request)
    # request.GET would be read in the body's encoding, which need not exist.
    token = QueryDict(request.META.get("QUERY_STRING", "")).get("token", "")
    try:
        return config_behind(
            user_id=user_id, channel_type=channel_type, token=token, remote=address
        )
    except RequestRefusedError as error:
        if error.code == "NOT_FOUND":
            raise _closed(address) from error
        raise


def _closed(address: str) -> RequestRefusedError:
    """Count a post to no bridge as an unsigned request, and return its refusal."""
    limit = Limit("unsigned", settings.LIMIT_UNSIGNED_PER_MINUTE)
    take(limit, address)
    return RequestRefusedError(
        "NOT_FOUND",
        _("There is no open bridge at this address."),
        hint=_(
            "Check user and channel in the address. Operators: open the bridge on the "
            "page of the channel config."
        ),
    )


def _notification(request: HttpRequest, config: UserConfig) -> NotificationRequest:
    body = raw_body(request)
    words = words_in(request, body)
    if not words.content:
        raise RequestRefusedError(
            "MISSING_CONTENT",
            _("The body says nothing to send."),
            hint=_("Send plain text, or JSON or a form with text or message."),
        )
    return NotificationRequest(
        user_id=config.user_id,
        channels=(config.channel_type,),
        subject=words.subject,
        content=words.content,
        metadata={"source": "bridge"},
        idempotency_key=idempotency_key("", request.headers.get("Idempotency-Key", "")),
        fingerprint=hashlib.sha256(body).hexdigest(),
    )
