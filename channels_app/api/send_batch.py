"""POST /api/notifications/send-batch: accept up to a thousand notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from channels_app.api.batch_form import batch_key, read_batch, read_entries
from channels_app.api.bodies import raw_body
from channels_app.api.direct import DirectPostView
from channels_app.api.dry_run import BATCH_RESPONSE, rehearsed_batch
from channels_app.api.errors import request_id_of
from channels_app.api.parsing import refuse_other_media_type
from channels_app.api.prefer import held_results
from channels_app.api.spending import spending_signature, use_signature_of
from channels_app.models import Scope
from channels_app.senders.registry import SENDERS
from channels_app.services.batches import Outcome, accept_batch
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest


class SendBatchView(DirectPostView):
    """Accepts many notifications under one signature, as SendView does one."""

    required_scope = Scope.SEND

    def accept(self, request: HttpRequest) -> HttpResponse:
        return _accept(request)

    @extend_schema(
        operation_id="send_notification_batch",
        summary="Send up to 1,000 notifications",
        request=schema.BATCH_REQUEST,
        responses={200: BATCH_RESPONSE, **schema.BATCH_RESPONSES},
        parameters=schema.SEND_PARAMETERS,
    )
    def post(self, request: Request) -> HttpResponse:
        """Accept notifications as `send` does, each by itself.

        One that is refused stands in `results` with its `error` and `code` and does
        not stop the others. What is accepted is stored in one commit. Each counts on
        the client's limit of sends.
        With `dry_run` the answer is 200 and says what would happen.
        """
        return _accept(request)


def _accept(request: HttpRequest) -> HttpResponse:
    caller = caller_with_unspent_signature(request)
    require_scope(caller, Scope.SEND)
    with spending_signature(caller, 0):
        refuse_other_media_type(request.META.get("CONTENT_TYPE", ""))
        batch = read_batch(raw_body(request))
        header_key = batch_key(request.headers.get("Idempotency-Key", ""))
    count = len(batch.entries)
    limit_sends(request, caller, count)
    with spending_signature(caller, count):
        asked, refused = read_entries(
            batch, known_channels=SENDERS.keys(), header_key=header_key
        )
        if not batch.is_rehearsal:
            return _accept_from(caller, request, asked, refused)
        rows = {index: _result(index, error) for index, error in refused.items()}
        rehearsed = rehearsed_batch(request, caller.client, asked, rows)
        use_signature_of(caller)
        return rehearsed


def _accept_from(
    caller: Caller,
    request: HttpRequest,
    asked: Mapping[int, NotificationRequest],
    refused: Mapping[int, RequestRefusedError],
) -> HttpResponse:
    outcomes: Mapping[int, Outcome] = accept_batch(
        client=caller.client,
        requests=asked,
        request_id=request_id_of(request),
        signature=caller.unspent,
    )
    found: dict[int, Outcome] = {**outcomes, **refused}
    results = [_result(index, found[index]) for index in sorted(found)]
    taken = [result for result in results if result["success"]]
    held = held_results(request, [result["results"] for result in taken])
    for result, group in zip(taken, held.groups, strict=True):
        result["results"] = group
    body = {
        "success": True,
        "request_id": request_id_of(request),
        "results": results,
        "accepted": len(taken),
        "rejected": len(results) - len(taken),
    }
    return HttpResponse(
        msgspec.json.encode(body),
        status=202,
        content_type="application/json",
        headers=held.headers,
    )


def _result(index: int, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, RequestRefusedError):
        return {"index": index, **_refusal(outcome)}
    result = {"index": index, "success": True, "results": outcome.body["results"]}
    if outcome.is_replayed:
        result["replayed"] = True
    return result


def _refusal(refusal: RequestRefusedError) -> dict[str, Any]:
    found: dict[str, Any] = {
        "success": False,
        "error": str(refusal.message),
        "code": refusal.code,
        "hint": str(refusal.hint),
    }
    return found | ({"details": refusal.details} if refusal.details else {})
