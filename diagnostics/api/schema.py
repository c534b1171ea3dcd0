"""The OpenAPI description of health, metrics and the database."""

from __future__ import annotations

from templates_app.json_schema import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    STRINGS,
    TIME,
    Schema,
    by_name,
    list_of,
    or_null,
    record,
)

MILLISECONDS: Schema = {"type": "number", "description": "In milliseconds."}


RATE = or_null(
    {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "Sent, as a part of what has ended; null when nothing has.",
    }
)
_CACHE_USE = {
    "hit_rate": or_null({"type": "number", "minimum": 0, "maximum": 1}),
    "hits": {**INTEGER, "description": "Of the process that answers."},
    "misses": INTEGER,
}
_CHANNEL = record(
    sent=INTEGER,
    failed=INTEGER,
    waiting=INTEGER,
    retries=INTEGER,
    successRate=RATE,
    avgResponseTime=or_null(MILLISECONDS),
    p95=or_null(MILLISECONDS),
)
METRICS = record(
    success={"const": True},
    totalSent=INTEGER,
    totalFailed={
        **INTEGER,
        "description": "Failed, expired, or held because they may have arrived.",
    },
    totalRetries=INTEGER,
    successRate=RATE,
    avgResponseTime=or_null(MILLISECONDS),
    channelBreakdown=by_name(_CHANNEL),
    performance=record(
        p50=or_null(MILLISECONDS),
        p95=or_null(MILLISECONDS),
        p99=or_null(MILLISECONDS),
        acceptedLastMinute=INTEGER,
        sentLastMinute=INTEGER,
    ),
    cache=record(
        **_CACHE_USE, configs=record(**_CACHE_USE), templates=record(**_CACHE_USE)
    ),
    queue=record(
        pending=INTEGER,
        retrying=INTEGER,
        sending=INTEGER,
        oldest_due_seconds=or_null(NUMBER),
        workers_alive=INTEGER,
        dead_letters={**INTEGER, "description": "Counting stops at 10,000."},
        breakers_open=INTEGER,
    ),
    window=record(
        seconds=INTEGER,
        is_capped={**BOOLEAN, "description": "Only the newest 100,000 are counted."},
    ),
)

_STATE: dict[str, Schema] = {
    "isValid": BOOLEAN,
    "missingTables": STRINGS,
    "pendingMigrations": STRINGS,
}
DATABASE = record(success={"const": True}, data=record(**_STATE))
MIGRATED = record(
    success={"const": True},
    data=record(**_STATE, applied=STRINGS, dryRun=BOOLEAN),
)
MIGRATE_BODY: Schema = {
    "application/json": {
        "type": "object",
        "properties": {
            "dryRun": {**BOOLEAN, "default": False},
            "force": {
                **BOOLEAN,
                "default": False,
                "description": "Needed in production, where DEBUG is off.",
            },
        },
    }
}

STATUS = {"enum": ["healthy", "degraded", "unhealthy"]}
HEALTH = record(
    status=STATUS,
    timestamp=TIME,
    version=STRING,
    services=record(database=BOOLEAN, queue=BOOLEAN, cache=BOOLEAN),
)
FINDING = record(
    id=STRING,
    severity={"enum": ["critical", "warning", "info"]},
    about=STRING,
    title=STRING,
    cause=STRING,
    evidence=OBJECT,
    remedy=STRING,
    who=STRING,
    verify=STRING,
    fix_command=STRING,
    page=STRING,
)
_DETAILS = record(
    checks=STRINGS,
    database=record(
        latency_ms=MILLISECONDS,
        problem=STRING,
        vendor=or_null(STRING),
        version=or_null(STRING),
        missing_migrations=STRINGS,
    ),
    cache=record(latency_ms=MILLISECONDS, problem=STRING),
    queue=record(
        workers_alive=INTEGER,
        depth=by_name(INTEGER),
        oldest_due_seconds=or_null(NUMBER),
    ),
    versions=record(python=STRING, django=STRING),
    report=or_null(record(made_at=STRING, findings=list_of(FINDING))),
)
# One record: what `?detailed=true` adds is not required.
HEALTH["properties"] |= _DETAILS["properties"]
ALIVE = record(status={"const": "alive"})
READY = record(status={"enum": ["ready", "not ready"]}, reasons=STRINGS)

_TASK = record(
    status={"enum": ["running", "scheduled", "off"]},
    lastRun=or_null(TIME),
    nextRun=or_null(TIME),
    lastStatus=or_null(STRING),
    lastDuration=or_null(MILLISECONDS),
    successRate=or_null({"type": "number", "minimum": 0, "maximum": 1}),
)
SCHEDULED_TASKS = record(timestamp=TIME, tasks=by_name(_TASK))
