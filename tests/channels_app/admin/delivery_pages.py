"""Where the admin shows deliveries, and what its forms post."""

from typing import Any

from django.urls import reverse

from channels_app.models import NotificationLog

LIST = "/admin/channels_app/notificationlog/"


def page_of(log: NotificationLog) -> str:
    return reverse("admin:channels_app_notificationlog_change", args=[log.pk])


def move(name: str, *logs: NotificationLog, **more: str) -> dict[str, Any]:
    chosen = [str(log.pk) for log in logs]
    return {"action": name, "_selected_action": chosen, "index": "0", **more}
