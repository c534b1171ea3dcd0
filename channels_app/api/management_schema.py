"""The OpenAPI description of configs, logs, messages and the queue."""

from __future__ import annotations

from collections.abc import Mapping

from drf_spectacular.utils import OpenApiResponse

from channels_app.api.schema import ERROR
from channels_app.models import Guarantee, Outcome, Status
from channels_app.selectors.logs import ROW_FIELDS
from channels_app.senders.registry import SENDERS
from templates_app.json_schema import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    TIME,
    Schema,
    form,
    list_of,
    or_null,
    record,
)

CHANNEL: Schema = {"enum": sorted(SENDERS)}
KEYS: Schema = {
    "type": "array",
    "items": {"type": ["integer", "string"]},
    "maxItems": 1000,
    "description": "Log ids and message ids.",
}

_REFUSALS = {
    400: "A parameter is missing or wrong; `code` and `hint` say which.",
    401: "The signature is missing or wrong.",
    403: "The client lacks the scope.",
    404: "There is no such thing, or it is another client's.",
    409: "The state of the delivery does not allow it.",
    429: "Over a limit; Retry-After says how long to wait.",
}


def body(*required: str, **properties: Schema) -> Schema:
    """Return a request body: JSON with these properties."""
    return {"application/json": form(*required, **properties)}


def answers(
    properties: Mapping[str, Schema], *refusals: int, status: int = 200
) -> dict[int, OpenApiResponse]:
    """Return the answers of an operation: success with these properties, refusals."""
    success = record(**{"success": {"const": True}, **properties})
    codes = sorted({400, 401, 403, 429, *refusals})
    return {status: OpenApiResponse(success)} | {
        code: OpenApiResponse(ERROR, _REFUSALS[code]) for code in codes
    }


CONFIG = record(
    id=INTEGER,
    user_id=STRING,
    channel_type=CHANNEL,
    config_data={**OBJECT, "description": "Secrets are masked."},
    is_active=BOOLEAN,
    disabled_reason=or_null(STRING),
    guarantee={"enum": list(Guarantee.values)},
    created_at=TIME,
    updated_at=TIME,
)
CONFIGS = answers({"data": list_of(CONFIG), "meta": record(total=INTEGER)})
SAVED_CONFIG = {"message": STRING, "data": CONFIG, "warnings": list_of(STRING)}
CONFIG_FIELDS: dict[str, Schema] = {
    "config_data": {
        **OBJECT,
        "description": "A masked secret that is sent back unchanged is kept.",
    },
    "is_active": {**BOOLEAN, "default": True},
    "guarantee": {"enum": list(Guarantee.values)},
}
MESSAGE = {"message": STRING}

_LOG_TYPES: dict[str, Schema] = {
    "id": INTEGER,
    "retry_count": INTEGER,
    "status": {"enum": list(Status.values)},
    "template_key": or_null(STRING),
    "template_version": or_null(INTEGER),
    "subject": or_null(STRING),
    "error": or_null(STRING),
    "sent_at": or_null(TIME),
    "created_at": TIME,
}
LOG = record(**{name: _LOG_TYPES.get(name, STRING) for name in ROW_FIELDS})
LOGS = record(
    logs=list_of(LOG),
    total={**INTEGER, "description": "Exact up to 10,000; counting stops there."},
    total_is_exact=BOOLEAN,
    limit=INTEGER,
    offset=INTEGER,
    next_cursor=or_null(STRING),
)
EXPLANATION = record(
    id=STRING,
    severity={"enum": ["critical", "warning", "info"]},
    who=STRING,
    title=STRING,
    cause=STRING,
    evidence=OBJECT,
    remedy=list_of(STRING),
    verify=STRING,
)
MESSAGE_LOG = record(
    **LOG["properties"],
    error_code=or_null(STRING),
    metadata=OBJECT,
    attempts=INTEGER,
    may_duplicate=BOOLEAN,
    is_corrected=BOOLEAN,
    send_plain=BOOLEAN,
    cancel_requested=BOOLEAN,
    next_attempt_at=TIME,
    expires_at=or_null(TIME),
    settled_at=or_null(TIME),
)
_OF_ATTEMPTS: dict[str, Schema] = {
    "attempt": INTEGER,
    "worker": or_null(STRING),
    "outcome": {"enum": list(Outcome.values)},
    "http_status": or_null(INTEGER),
    "latency_ms": or_null(INTEGER),
    "error_code": or_null(STRING),
    "error": or_null(STRING),
    "retry_after_seconds": or_null(NUMBER),
    "due_at": TIME,
}
MESSAGE_PAGE = record(
    log=MESSAGE_LOG,
    timeline=list_of(
        record(*_OF_ATTEMPTS, at=TIME, event=STRING, text=STRING, **_OF_ATTEMPTS)
    ),
    explanation=or_null(EXPLANATION),
)
STATE = record(
    message_id=STRING,
    messageId=STRING,
    status={"enum": list(Status.values)},
    cancel_requested=BOOLEAN,
    log=MESSAGE_LOG,
)
