"""What programs that do not sign post, and what they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Example = dict[str, Any]

_MESSAGE_ID = "0194b8a2-6f3e-7c41-9a55-2f0d8e7c6b1a"
_RESULT: Example = {
    "channelType": "lark",
    "status": "pending",
    "messageId": _MESSAGE_ID,
    "message_id": _MESSAGE_ID,
    "userId": "ops",
    "logId": 42,
}
_LABELS: Example = {"alertname": "InstanceDown", "severity": "critical"}
_ALERT: Example = {
    "status": "firing",
    "labels": _LABELS,
    "annotations": {"summary": "db1 is down"},
    "startsAt": "2026-01-31T09:30:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://prometheus.example.com/graph",
    "fingerprint": "1a30ba71cca2921f",
}

WEBHOOK_REQUESTS: Mapping[str, Example] = {
    "receive_alerts": {
        "receiver": "ops",
        "status": "firing",
        "alerts": [_ALERT],
        "groupLabels": {"alertname": "InstanceDown"},
        "commonLabels": _LABELS,
        "commonAnnotations": {"summary": "db1 is down"},
        "externalURL": "https://alertmanager.example.com",
        "version": "4",
        "groupKey": '{}:{alertname="InstanceDown"}',
        "truncatedAlerts": 0,
    },
    "post_to_bridge": {"title": "Backup", "message": "The backup of db1 failed."},
}
WEBHOOK_ANSWERS: Mapping[tuple[str, int], Example] = {
    ("receive_alerts", 200): {
        "success": True,
        "data": {
            "message_ids": [_MESSAGE_ID],
            "processed_alerts": 1,
            "notification_status": [{**_RESULT, "alerts": 1, "template": None}],
        },
    },
    ("post_to_bridge", 202): {
        "success": True,
        "request_id": "5f0c1d7f8e6b4a0f9d3c2b1a00112233",
        "results": [_RESULT],
    },
}
