"""The OpenAPI description of the bodies that Grafana and Alertmanager post."""

from __future__ import annotations

from templates_app.json_schema import (
    INTEGER,
    OBJECT,
    STRING,
    Schema,
    form,
    list_of,
    or_null,
)

_LABELS: Schema = {"type": "object", "additionalProperties": True}
_STATUS: Schema = {"enum": ["firing", "resolved"]}
_ALERT = form(
    status=or_null(_STATUS),
    labels=or_null(_LABELS),
    annotations=or_null(_LABELS),
    startsAt=or_null(STRING),
    endsAt=or_null(STRING),
    fingerprint=or_null(STRING),
    values=or_null(OBJECT),
    valueString=or_null(STRING),
    generatorURL=or_null(STRING),
    silenceURL=or_null(STRING),
    dashboardURL=or_null(STRING),
    panelURL=or_null(STRING),
    imageURL=or_null(STRING),
)
_GROUP = form(
    "receiver",
    "alerts",
    receiver={
        **STRING,
        "minLength": 1,
        "maxLength": 100,
        "description": "The user id.",
    },
    status=or_null(_STATUS),
    alerts=list_of(_ALERT),
    groupLabels=or_null(_LABELS),
    commonLabels=or_null(_LABELS),
    commonAnnotations=or_null(_LABELS),
    externalURL=or_null(STRING),
    groupKey=or_null(STRING),
    truncatedAlerts=or_null(INTEGER),
    version=or_null(STRING),
    orgId=or_null(INTEGER),
    title=or_null(STRING),
    message=or_null(STRING),
)
ALERT_BODY: Schema = {"application/json": _GROUP}
