"""Rows for tests, as short as a test wants to say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from channels_app.models import (
    DEFAULT_KEY_ID,
    ApiClient,
    DeliveryAttempt,
    NotificationLog,
    Outcome,
    Secret,
    Status,
    UserConfig,
)
from channels_app.models.ids import new_message_id

NOON = datetime(2025, 1, 6, 12, 0, tzinfo=UTC)
BOT_TOKEN = "123456:AAF-token-of-the-bot"
LARK_URL = "https://open.larksuite.com/open-apis/bot/v2/hook/f00-ba4"


def default_client() -> ApiClient:
    return ApiClient.objects.get(key_id=DEFAULT_KEY_ID)


def make_client(name: str = "other", scopes: list[str] | None = None) -> ApiClient:
    """Make a client whose secret is `secret-of-<name>-0123456789abcdef`."""
    values: dict[str, Any] = {"secret": Secret(secret_of(name))}
    if scopes is not None:
        values["scopes"] = scopes
    return ApiClient.objects.create(key_id=name, name=name, **values)


def secret_of(name: str) -> str:
    return f"secret-of-{name}-0123456789abcdef"


def make_config(client: ApiClient, user_id: str = "u1", **fields: Any) -> UserConfig:
    values: dict[str, Any] = {
        "channel_type": "lark",
        "public_data": {"msg_type": "text"},
        "secret_data": Secret({"webhook_url": LARK_URL}),
        **fields,
    }
    return UserConfig.objects.create(client=client, user_id=user_id, **values)


def make_log(client: ApiClient, **fields: Any) -> NotificationLog:
    values: dict[str, Any] = {
        "message_id": new_message_id(),
        "request_id": "r1",
        "user_id": "u1",
        "channel_type": "lark",
        "content": "hello",
        "created_at": NOON,
        "next_attempt_at": NOON,
        **fields,
    }
    if values.get("status") == Status.SENDING:
        values.setdefault("lease_until", NOON + timedelta(minutes=1))
    return NotificationLog.objects.create(client=client, **values)


def make_attempt(log: NotificationLog, number: int, **fields: Any) -> DeliveryAttempt:
    started = NOON + timedelta(minutes=number)
    values: dict[str, Any] = {
        "outcome": Outcome.FAILED,
        "started_at": started,
        "ended_at": started + timedelta(seconds=1),
        **fields,
    }
    return DeliveryAttempt.objects.create(log=log, number=number, **values)
