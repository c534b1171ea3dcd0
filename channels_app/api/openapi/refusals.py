"""Which codes an operation may answer, and how a refusal looks in the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from channels_app.services.refusals import REFUSALS
from templates_app.json_schema import STRING, Schema, record

_INPUT = ("INVALID_PARAMETER", "MISSING_PARAMETER", "INVALID_CHANNEL_TYPE")
_TEMPLATE = ("TEMPLATE_RENDER_ERROR", "MISSING_CONTENT")
_SEND = (*_TEMPLATE, "TEMPLATE_NOT_FOUND", "USER_NO_CHANNELS")
_ACCEPTING = ("MAINTENANCE", "DEGRADED", "QUEUE_FULL")
_ACCEPTED: Mapping[int, Sequence[str]] = {
    400: _SEND,
    409: ["IDEMPOTENCY_IN_PROGRESS"],
    503: _ACCEPTING,
}

# What operations may answer beyond what holds for all that look like them.
SPECIAL: Mapping[str, Mapping[int, Sequence[str]]] = {
    "send_notification": _ACCEPTED,
    "send_notification_batch": {503: _ACCEPTING},
    "receive_alerts": _ACCEPTED,
    "post_to_bridge": _ACCEPTED,
    "render_template": {400: _TEMPLATE},
}

MEANINGS: Mapping[int, str] = {
    400: "The request is wrong; `code`, `error` and `hint` say how.",
    401: "Who calls is not known; `code` and `hint` say why.",
    403: "Who calls is known and may not do that.",
    404: "There is no such thing, or it is another client's.",
    409: "Not in this state; `error` says why.",
    413: "The body is over the size limit.",
    415: "The body is declared as something other than JSON.",
    422: "The idempotency key belongs to another request.",
    429: "Over a limit; Retry-After says how long to wait.",
    500: "Something went wrong on the server; nothing is lost that was accepted.",
    503: "Not now; Retry-After says how long to wait.",
}
_BY_KEY = ("MISSING_AUTH_HEADERS", "INVALID_CREDENTIALS")
_SIGNATURE = {"timestamp", "signature"}


def codes_of(status: int, operation: Mapping[str, Any], method: str) -> list[str]:
    """Return what an operation may answer with this status, in the table's order."""
    name = str(operation.get("operationId", ""))
    usual = _usual_codes(status, operation, method)
    special = SPECIAL.get(name, {}).get(status, ())
    if status == 409 and special:
        usual = []
    wanted = {*usual, *special}
    return [code for code in REFUSALS if code in wanted]


def refusal_content(codes: Iterable[str]) -> Schema:
    """Return the content of a refusal with one of these codes, with an example each."""
    codes = list(codes)
    return {
        "application/json": {
            "schema": refusal_schema(codes),
            "examples": {code: {"value": _example(code)} for code in codes},
        }
    }


def refusal_schema(codes: Iterable[str]) -> Schema:
    """Return the envelope of a refusal."""
    properties: Schema = {
        "success": {"const": False},
        "error": {**STRING, "description": "One sentence for people."},
        "code": {"enum": list(codes), "description": "One word for programs."},
        "hint": {**STRING, "description": "What to do about it."},
        "details": {"type": "object", "additionalProperties": True},
        "request_id": {**STRING, "description": "The same as X-Request-Id."},
    }
    return record("details", **properties)


def _usual_codes(status: int, operation: Mapping[str, Any], method: str) -> list[str]:
    if status == 400:
        body = ["INVALID_REQUEST"] if "requestBody" in operation else []
        return [*_INPUT, *body]
    if status == 401:
        return _codes_of_401(operation, method)
    if status == 409:
        return ["CONFLICT"]
    if status == 503:
        return ["DATABASE_UNAVAILABLE"]
    return [code for code, row in REFUSALS.items() if row.status == status]


def _codes_of_401(operation: Mapping[str, Any], method: str) -> list[str]:
    schemes = {name for way in operation.get("security", []) for name in way}
    codes = [code for code, row in REFUSALS.items() if row.status == 401]
    left_out = set() if schemes - _SIGNATURE else {"INVALID_CREDENTIALS"}
    if "signature" not in schemes:
        left_out = set(codes) - set(_BY_KEY)
    if method not in {"post", "put", "patch", "delete"}:
        left_out.add("REPLAYED_REQUEST")
    return [code for code in codes if code not in left_out]


def _example(code: str) -> Schema:
    row = REFUSALS[code]
    return {
        "success": False,
        "error": str(row.message),
        "code": code,
        "hint": str(row.hint),
        "request_id": "5f0c1d7f8e6b4a0f9d3c2b1a00112233",
    }
