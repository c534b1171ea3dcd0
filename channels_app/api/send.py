"""POST /api/notifications/send: accept a notification."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from channels_app.api import schema
from channels_app.api.authentication import (
    Caller,
    caller_with_unspent_signature,
    limit_sends,
    require_scope,
)
from channels_app.api.bodies import raw_body
from channels_app.api.direct import DirectPostView
from channels_app.api.dry_run import SEND_RESPONSE, rehearsed_send
from channels_app.api.errors import request_id_of
from channels_app.api.parsing import refuse_other_media_type
from channels_app.api.prefer import held_results
from channels_app.api.send_form import read_send_form
from channels_app.api.spending import spending_signature, use_signature_of
from channels_app.models import Scope
from channels_app.senders.registry import SENDERS
from channels_app.services.sending import accept_notification


class SendView(DirectPostView):
    """Accepts a notification; with 202 it is stored for good and will be sent."""

    required_scope = Scope.SEND

    def accept(self, request: HttpRequest) -> HttpResponse:
        return _accept(request)

    @extend_schema(
        operation_id="send_notification",
        summary="Send a notification",
        request=schema.SEND_REQUEST,
        responses={200: SEND_RESPONSE, **schema.SEND_RESPONSES},
        parameters=schema.SEND_PARAMETERS,
    )
    def post(self, request: Request) -> HttpResponse:
        """Accept a notification to one user over one or more channels.

        The answer 202 means that it is stored for good and will be sent. A channel
        that the user has not configured yields a result with `status: "failed"`.
        With `dry_run` the answer is 200 and says what would happen.
        """
        return _accept(request)


def _accept(request: HttpRequest) -> HttpResponse:
    caller = caller_with_unspent_signature(request)
    require_scope(caller, Scope.SEND)
    limit_sends(request, caller)
    with spending_signature(caller):
        return _accept_from(caller, request)


def _accept_from(caller: Caller, request: HttpRequest) -> HttpResponse:
    """Accept what a caller sent; the commit that stores it spends the signature."""
    refuse_other_media_type(request.META.get("CONTENT_TYPE", ""))
    asked = read_send_form(
        raw_body(request),
        known_channels=SENDERS.keys(),
        header_key=request.META.get("HTTP_IDEMPOTENCY_KEY", ""),
    )
    if asked.is_rehearsal:
        rehearsed = rehearsed_send(request, caller.client, asked)
        use_signature_of(caller)
        return rehearsed
    accepted = accept_notification(
        client=caller.client,
        request=asked,
        request_id=request_id_of(request),
        signature=caller.unspent,
    )
    held = held_results(request, [accepted.body["results"]])
    body = {**accepted.body, "results": held.groups[0]}
    response = HttpResponse(
        msgspec.json.encode(body),
        status=202,
        content_type="application/json",
        headers=held.headers,
    )
    if accepted.is_replayed:
        response["Idempotent-Replayed"] = "true"
    return response
