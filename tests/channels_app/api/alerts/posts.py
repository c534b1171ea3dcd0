"""Alerts as Grafana and Alertmanager post them, and what came of them."""

import base64
import json
from pathlib import Path
from typing import Any

from django.test import Client

from channels_app.models import NotificationLog

PATH = "/api/webhooks/grafana"
PAYLOADS = Path(__file__).parents[3] / "payloads"


def basic(login: str = "grafana:pässword") -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def body_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return found


def post(body: object, path: str = PATH, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": basic(), **named},
    )


def data_of(body: object, **headers: str) -> dict[str, Any]:
    answer = post(body, **headers)
    assert answer.status_code == 200, answer.content
    assert answer.json()["success"] is True
    data: dict[str, Any] = answer.json()["data"]
    assert set(data) == {"message_ids", "processed_alerts", "notification_status"}
    return data


def told(kind: str = "lark") -> NotificationLog:
    return NotificationLog.objects.get(channel_type=kind)
