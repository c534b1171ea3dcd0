"""Calls of every endpoint with what is somebody else's, and what each must answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.test import Client

from channels_app.models import (
    ApiClient,
    DedupeWindow,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    Status,
    UserConfig,
)
from tests.channels_app.rows import (
    NOON,
    make_attempt,
    make_config,
    make_log,
    secret_of,
)
from tests.conftest import signature_headers

USER = "u1"


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> Any:
        return self.body.get("code")


def ask(key_id: str, method: str, path: str, body: object = None) -> Reply:
    raw = b"" if body is None else json.dumps(body).encode()
    headers = signature_headers(method, path, raw, secret_of(key_id))
    answer = Client().generic(
        method,
        path,
        raw,
        content_type="application/json",
        headers={**headers, "X-Key-Id": key_id},
        RAW_URI=path,
    )
    return Reply(answer.status_code, json.loads(answer.content))


@dataclass(frozen=True)
class Rows:
    """What the owner has: a config, a delivery in each state that somebody may move."""

    failed: NotificationLog
    pending: NotificationLog
    retrying: NotificationLog
    sent: NotificationLog
    held: NotificationLog

    def fill(self, text: str) -> str:
        for name in ("failed", "pending", "retrying", "sent", "held"):
            log: NotificationLog = getattr(self, name)
            text = text.replace(f"<{name}>", log.message_id)
            text = text.replace(f"<{name}.id>", str(log.pk))
        return text


def rows_of(owner: ApiClient) -> Rows:
    """Make what somebody owns for these calls."""
    config = make_config(owner, USER)
    settled = {"config": config, "settled_at": NOON}
    found = Rows(
        failed=make_log(owner, status=Status.FAILED, error_code="x", **settled),
        pending=make_log(owner, config=config, send_at=NOON),
        retrying=make_log(owner, status=Status.RETRYING, config=config),
        sent=make_log(owner, status=Status.SENT, sent_at=NOON, **settled),
        held=make_log(owner, status=Status.UNKNOWN, config=config),
    )
    make_attempt(found.failed, 1)
    return found


def state_of(client: ApiClient) -> list[str]:
    """Return everything that is stored for a client, to see whether it stays so."""
    kept: list[QuerySet[Any]] = [
        UserConfig.objects.filter(client=client),
        NotificationLog.objects.filter(client=client),
        DeliveryAttempt.objects.filter(log__client=client),
        IdempotencyKey.objects.filter(client_id=client.pk),
        DedupeWindow.objects.filter(client_id=client.pk),
    ]
    return [str(row) for rows in kept for row in rows.order_by("pk").values()]


Check = Callable[[Reply], bool]


def is_missing(reply: Reply) -> bool:
    return (reply.status, reply.code) == (404, "NOT_FOUND")


def is_empty(reply: Reply) -> bool:
    return reply.status == 200 and reply.data == []


def has_no_logs(reply: Reply) -> bool:
    data = reply.data
    return reply.status == 200 and data["logs"] == [] and data["total"] == 0


def found_nothing(reply: Reply) -> bool:
    counts = [value for value in reply.data.values() if isinstance(value, int)]
    return reply.status == 200 and bool(counts) and not any(counts)


def sent_nothing(reply: Reply) -> bool:
    body = reply.body
    return not any(body[f"total{name}"] for name in ("Sent", "Failed", "Retries"))


def is_own_first(reply: Reply) -> bool:
    return reply.status == 201 and reply.data["user_id"] == USER


def has_no_channels(reply: Reply) -> bool:
    return (reply.status, reply.code) == (400, "USER_NO_CHANNELS")


def refused_in_its_row(reply: Reply) -> bool:
    [row] = reply.body["results"]
    return (reply.status, row["code"]) == (202, "USER_NO_CHANNELS")


@dataclass(frozen=True)
class Call:
    """A call of an endpoint with what is the owner's, and what another gets of it.

    `unreached` is what the owner gets itself, while it is not for the user.
    """

    endpoint: str
    method: str
    path: str
    check: Check
    body: object = None
    unreached: Check | None = field(default=None)

    def made_by(self, key_id: str, rows: Rows) -> Reply:
        body = None
        if self.body is not None:
            body = json.loads(rows.fill(json.dumps(self.body)))
        return ask(key_id, self.method, rows.fill(self.path), body)


def is_forbidden(reply: Reply) -> bool:
    return (reply.status, reply.code) == (403, "FORBIDDEN")


def forbidden_in_its_row(reply: Reply) -> bool:
    [row] = reply.body["results"]
    return (reply.status, row["code"]) == (202, "FORBIDDEN")


HELLO = {"user_id": USER, "custom_content": {"content": "hello"}}
ONCE = {**HELLO, "idempotency_key": "same", "dedupe_key": "same"}
HOOK = {"webhook_url": "https://open.larksuite.com/open-apis/bot/v2/hook/mine"}
CONFIG = {"channel_type": "lark", "config_data": HOOK}
IDS = ["<failed>", "<retrying>", "<sent>", "<held>"]

CALLS = [
    Call(
        "api-send",
        "POST",
        "/api/notifications/send",
        has_no_channels,
        ONCE,
        is_forbidden,
    ),
    Call(
        "api-send-alias",
        "POST",
        "/api/send-notification",
        has_no_channels,
        HELLO,
        is_forbidden,
    ),
    Call(
        "api-send-batch",
        "POST",
        "/api/notifications/send-batch",
        refused_in_its_row,
        {"notifications": [ONCE]},
        forbidden_in_its_row,
    ),
    Call("api-configs", "GET", "/api/user-configs", is_empty),
    Call("api-configs", "GET", f"/api/user-configs?user_id={USER}", is_empty),
    Call("api-configs", "DELETE", f"/api/user-configs?user_id={USER}", is_missing),
    Call(
        "api-configs",
        "POST",
        "/api/user-configs",
        is_own_first,
        {"user_id": USER, **CONFIG},
        is_forbidden,
    ),
    Call("api-user-configs", "GET", f"/api/users/{USER}/configs", is_empty),
    Call("api-user-config", "GET", f"/api/users/{USER}/configs/lark", is_missing),
    Call("api-user-config", "DELETE", f"/api/users/{USER}/configs/lark", is_missing),
    Call(
        "api-user-config",
        "PUT",
        f"/api/users/{USER}/configs/lark",
        is_own_first,
        CONFIG,
        is_missing,
    ),
    Call(
        "api-user-configs",
        "PUT",
        f"/api/users/{USER}/configs",
        lambda reply: reply.status == 200 and reply.body["meta"] == {"total": 1},
        {"configs": [CONFIG]},
        is_missing,
    ),
    Call("api-logs", "GET", "/api/notification-logs", has_no_logs),
    Call("api-logs", "GET", f"/api/notification-logs?user_id={USER}", has_no_logs),
    Call("api-log", "DELETE", "/api/notification-logs/<sent.id>", is_missing),
    Call("api-log", "DELETE", "/api/notification-logs/<pending.id>", is_missing),
    Call(
        "api-logs-cleanup",
        "DELETE",
        "/api/notification-logs/cleanup?days=1",
        lambda reply: reply.data["deleted_count"] == 0,
    ),
    Call("api-message", "GET", "/api/notifications/<failed>", is_missing),
    Call("api-message", "GET", "/api/notifications/<sent>", is_missing),
    Call("api-cancel", "POST", "/api/notifications/<pending>/cancel", is_missing),
    Call("api-cancel", "POST", "/api/notifications/<sent>/cancel", is_missing),
    Call("api-resend", "POST", "/api/notifications/<failed>/resend", is_missing),
    Call("api-resend", "POST", "/api/notifications/<sent>/resend", is_missing),
    Call("api-resend", "POST", "/api/notifications/<held>/resend", is_missing),
    Call("api-retry", "POST", "/api/notifications/retry", found_nothing, {}),
    Call("api-retry", "POST", "/api/notifications/retry", found_nothing, {"ids": IDS}),
    Call(
        "api-retry",
        "POST",
        "/api/notifications/retry",
        found_nothing,
        {"ids": IDS, "dry_run": True, "include_old": True},
    ),
    Call("api-clear-retries", "POST", "/api/queue/clear-retries", found_nothing, {}),
    Call(
        "api-clear-retries",
        "POST",
        "/api/queue/clear-retries",
        found_nothing,
        {"taskIds": IDS},
    ),
    Call("api-metrics", "GET", f"/api/metrics?user_id={USER}&days=90", sent_nothing),
]


def name_of(call: Call) -> str:
    return f"{call.method} {call.path} {json.dumps(call.body) if call.body else ''}"
