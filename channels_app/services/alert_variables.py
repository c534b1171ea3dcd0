"""What a template can say of alerts: its variables, named as Grafana names them.

Templates do no arithmetic and join nothing, so lists, counts and lines are ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from channels_app.services.alert_payloads import Alert, AlertGroup, firing_first, texts
from channels_app.services.alert_texts import (
    built_in_words,
    figures_of,
    links_of,
    pairs,
)


def variables_of(group: AlertGroup, alerts: Sequence[Alert]) -> dict[str, Any]:
    """Return the variables of a notification; those of its first alert stand on top.

    A template for one alert says `summary`, one for many `{% for alert in alerts %}`.
    """
    ordered = firing_first(alerts)
    shown = [_alert(alert) for alert in ordered]
    first = shown[0] if shown else _alert(Alert())
    firing = [one for one in shown if one["status"] != "resolved"]
    resolved = [one for one in shown if one["status"] == "resolved"]
    common = texts(group.common_labels)
    return {
        **first,
        "status": "firing" if firing else "resolved",
        "receiver": group.receiver or "",
        "source": group.source,
        "title": group.title or built_in_words(group, ordered, "").subject,
        "message": group.message or "",
        "alerts": shown,
        "firing": firing,
        "resolved": resolved,
        "alertCount": len(shown),
        "firingCount": len(firing),
        "resolvedCount": len(resolved),
        "truncatedAlerts": group.truncated_alerts or 0,
        "groupKey": group.group_key or "",
        "groupLabels": dict(texts(group.group_labels)),
        "commonLabels": dict(common),
        "commonAnnotations": dict(texts(group.common_annotations)),
        "externalURL": group.external_url or "",
    }


def _alert(alert: Alert) -> dict[str, Any]:
    labels, figures = texts(alert.labels), alert.figures
    return {
        "status": "resolved" if alert.is_resolved else "firing",
        "alertname": alert.name,
        "severity": alert.label("severity"),
        "instance": alert.label("instance"),
        "summary": alert.summary,
        "description": alert.annotation("description"),
        "labels": dict(labels),
        "labelsText": pairs(labels),
        "annotations": dict(texts(alert.annotations)),
        "values": dict(figures),
        "valuesText": figures_of(alert),
        "valueString": alert.value_string or "",
        "startsAt": alert.starts_at or "",
        "endsAt": alert.ended,
        "fingerprint": alert.fingerprint or "",
        "generatorURL": alert.generator_url or "",
        "silenceURL": alert.silence_url or "",
        "dashboardURL": alert.dashboard_url or "",
        "panelURL": alert.panel_url or "",
        "imageURL": alert.image_url or "",
        "runbookURL": alert.annotation("runbook_url"),
        "links": [{"name": name, "url": url} for name, url in links_of(alert)],
    }
