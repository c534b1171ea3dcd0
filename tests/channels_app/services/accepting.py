"""Accepting notifications in tests: what is asked for, and what came of it."""

from typing import Any

import pytest

from channels_app.models import ApiClient, NotificationLog
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.sending import NotificationRequest, accept_notification
from templates_app.services import save_template


def request(**fields: Any) -> NotificationRequest:
    return NotificationRequest(**{"user_id": "u1", "content": "Hello", **fields})


def accept(client: ApiClient, **fields: Any) -> list[dict[str, Any]]:
    """Accept a notification; return the results of its answer."""
    accepted = accept_notification(
        client=client, request=request(**fields), request_id="r1"
    )
    assert accepted.body["success"] is True
    return list(accepted.body["results"])


def refusal_of(client: ApiClient, **fields: Any) -> RequestRefusedError:
    """Return the refusal of a notification, which must leave nothing behind."""
    before = NotificationLog.objects.count()
    with pytest.raises(RequestRefusedError) as refused:
        accept(client, **fields)
    assert NotificationLog.objects.count() == before
    return refused.value


def save(*kinds: str, text: str = "Hello {{name}}") -> str:
    contents = {kind: {"content_template": text} for kind in kinds}
    save_template(
        key="greet", name="Greeting", variables=["name"], contents=contents, author="a"
    )
    return "greet"


def logs() -> dict[str, NotificationLog]:
    return {log.channel_type: log for log in NotificationLog.objects.all()}
