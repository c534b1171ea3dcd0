"""The answer to `dry_run: true`: what would happen, in the words of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiResponse

from channels_app.api.errors import request_id_of
from channels_app.api.wire_rows import METER, OF_REQUEST, meter_rows, request_rows
from channels_app.models import ApiClient
from channels_app.selectors.engine import queue_state
from channels_app.services.client_users import require_user
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.rehearsal import Prospect, Rehearsal, rehearse
from channels_app.services.requests import NotificationRequest
from channels_app.services.wire_previews import WirePreview
from templates_app.json_schema import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    by_name,
    list_of,
    or_null,
    record,
)

_REQUEST = record(url=or_null(STRING), **OF_REQUEST)
_PROSPECT = record(
    channelType=STRING,
    userId=STRING,
    status={"enum": ["would_send", "would_wait", "would_skip", "would_fail"]},
    code=or_null(STRING),
    error=or_null(STRING),
    remedy=list_of(STRING),
    until=or_null({**STRING, "format": "date-time"}),
    duplicate_of=or_null(STRING),
    subject=or_null(STRING),
    content=or_null(STRING),
    content_type=or_null(STRING),
    missing_variables=list_of(STRING),
    requests=list_of(_REQUEST),
    meters=list_of(METER),
)
_REFUSAL = record(
    status=INTEGER, error=STRING, code=STRING, hint=STRING, details=OBJECT
)
_QUEUE = record(
    depth=by_name(INTEGER),
    oldest_due_seconds=or_null(NUMBER),
    workers_alive=INTEGER,
    is_worked=BOOLEAN,
)
_NOTIFICATION = {
    "would_accept": BOOLEAN,
    "refusal": or_null(_REFUSAL),
    "idempotency_key_used": BOOLEAN,
    "results": list_of(_PROSPECT),
}
_ALWAYS = {
    "success": {"const": True},
    "dry_run": {"const": True},
    "request_id": STRING,
    "queue": _QUEUE,
}
SEND_RESPONSE = OpenApiResponse(
    record(**_ALWAYS, **_NOTIFICATION),
    "What would happen (`dry_run`); nothing was stored or sent.",
)
_BATCH_RESULT = {
    "type": "object",
    "required": ["index", "success"],
    "properties": {
        "index": INTEGER,
        "success": BOOLEAN,
        **_NOTIFICATION,
        "error": STRING,
        "code": STRING,
        "hint": STRING,
        "details": OBJECT,
    },
}
BATCH_RESPONSE = OpenApiResponse(
    record(
        **_ALWAYS, results=list_of(_BATCH_RESULT), accepted=INTEGER, rejected=INTEGER
    ),
    "What would happen (`dry_run`); nothing was stored or sent.",
)


def rehearsed_send(
    request: HttpRequest, client: ApiClient, asked: NotificationRequest
) -> HttpResponse:
    """Answer what one notification would come to. Raises FORBIDDEN as a send does."""
    require_user(client, asked.user_id)
    rehearsal = rehearse(client=client, requests={0: asked})[0]
    return _answer(request, _shown(asked, rehearsal, with_requests=True))


def rehearsed_batch(
    request: HttpRequest,
    client: ApiClient,
    asked: Mapping[int, NotificationRequest],
    refused: Mapping[int, Mapping[str, Any]],
) -> HttpResponse:
    """Answer what each of a batch would come to, without the bytes of each."""
    rehearsals = rehearse(client=client, requests=asked)
    found = {
        index: {
            "index": index,
            "success": rehearsal.is_welcome,
            **_shown(asked[index], rehearsal, with_requests=False),
        }
        for index, rehearsal in rehearsals.items()
    }
    results = [row for _index, row in sorted({**found, **refused}.items())]
    accepted = sum(row["success"] for row in results)
    counts = {"accepted": accepted, "rejected": len(results) - accepted}
    return _answer(request, {"results": results, **counts})


def _answer(request: HttpRequest, found: Mapping[str, Any]) -> HttpResponse:
    body = {
        "success": True,
        "dry_run": True,
        "request_id": request_id_of(request),
        **found,
        "queue": _queue(),
    }
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def _queue() -> dict[str, Any]:
    state = queue_state()
    return {
        "depth": dict(state.depth),
        "oldest_due_seconds": state.oldest_due_seconds,
        "workers_alive": state.workers_alive,
        "is_worked": state.is_worked,
    }


def _shown(
    asked: NotificationRequest, rehearsal: Rehearsal, *, with_requests: bool
) -> dict[str, Any]:
    return {
        "would_accept": rehearsal.is_welcome,
        "refusal": _refusal(rehearsal.refusal),
        "idempotency_key_used": rehearsal.is_key_used,
        "results": [
            _row(asked, prospect, with_requests=with_requests)
            for prospect in rehearsal.prospects
        ],
    }


def _refusal(refusal: RequestRefusedError | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {
        "status": refusal.status,
        "error": str(refusal.message),
        "code": refusal.code,
        "hint": str(refusal.hint),
        "details": dict(refusal.details or {}),
    }


def _row(
    asked: NotificationRequest, prospect: Prospect, *, with_requests: bool
) -> dict[str, Any]:
    text, wire = prospect.text, prospect.wire or WirePreview()
    return {
        "channelType": prospect.channel_type,
        "userId": asked.user_id,
        "status": str(prospect.verdict),
        "code": prospect.code or None,
        "error": prospect.reason or None,
        "remedy": list(prospect.remedy),
        "until": prospect.until.isoformat() if prospect.until else None,
        "duplicate_of": prospect.first_message_id or None,
        "subject": text.subject if text else None,
        "content": text.content if text else None,
        "content_type": text.content_type if text else None,
        "missing_variables": list(text.missing) if text else [],
        "requests": _requests(wire) if with_requests else [],
        "meters": meter_rows(wire),
    }


def _requests(wire: WirePreview) -> list[dict[str, str | None]]:
    rows = zip(wire.urls, request_rows(wire), strict=True)
    return [{"url": url or None, **row} for url, row in rows]
