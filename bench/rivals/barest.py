"""The ceiling: a plain view, a signature, and one set-based statement for the rows."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from channels_app.delivery.new_deliveries import FIRST_VALUES
from channels_app.models.ids import new_message_id
from channels_app.models.sql import (
    Column,
    as_parameter,
    is_postgres,
    now,
    now_plus,
    one_writer,
    rows_of,
)

COLUMNS = (
    Column("message_id", "text"),
    Column("user_id", "text"),
    Column("channel_type", "text"),
    Column("subject", "text"),
    Column("content", "text"),
    Column("metadata", "json"),
)


class Content(msgspec.Struct):
    """The caller's own content."""

    content: str
    subject: str = ""


class Notification(msgspec.Struct):
    """One notification as callers write it."""

    user_id: str
    channels: list[str]
    custom_content: Content
    metadata: dict[str, Any] = {}


class Batch(msgspec.Struct):
    """Many of them."""

    notifications: list[Notification]


ONE = msgspec.json.Decoder(Notification)
MANY = msgspec.json.Decoder(Batch)


def answer(request: HttpRequest) -> HttpResponse:
    """Say that the server is there."""
    return HttpResponse(b"{}", content_type="application/json")


def send(request: HttpRequest) -> HttpResponse:
    """Accept one notification."""
    digest = _checked(request)
    return _answered(digest, [ONE.decode(request.body)])


def send_batch(request: HttpRequest) -> HttpResponse:
    """Accept a batch."""
    digest = _checked(request)
    return _answered(digest, MANY.decode(request.body).notifications)


def _checked(request: HttpRequest) -> str:
    stamp = request.META["HTTP_X_TIMESTAMP"]
    secret = settings.API_SECRET_KEY.encode()
    signed = hmac.digest(secret, stamp.encode() + request.body, hashlib.sha256).hex()
    if not hmac.compare_digest(signed, request.META["HTTP_X_SIGNATURE"]):
        raise PermissionError
    return signed


def _answered(digest: str, asked: Sequence[Notification]) -> HttpResponse:
    rows = [
        {
            "message_id": new_message_id(),
            "user_id": one.user_id,
            "channel_type": channel,
            "subject": one.custom_content.subject,
            "content": one.custom_content.content,
            "metadata": one.metadata,
        }
        for one in asked
        for channel in one.channels
    ]
    stored = _stored(digest, as_parameter(rows))
    results = [{"messageId": name, "logId": number} for name, number in stored]
    body = msgspec.json.encode({"success": True, "results": results})
    return HttpResponse(body, status=202, content_type="application/json")


def _stored(digest: str, rows: str) -> list[tuple[str, int]]:
    spend = (
        "INSERT INTO used_signatures (digest, expires_at)"
        f" VALUES (%s, {now_plus('660')})"
    )
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute(f"WITH spent AS ({spend}) {_insert_sql()}", [digest, rows])
            return list(cursor.fetchall())
    with one_writer(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(spend, [digest])
        cursor.execute(_insert_sql(), [rows])
        return list(cursor.fetchall())


def _insert_sql() -> str:
    return f"""
        INSERT INTO notification_logs
            (message_id, user_id, channel_type, subject, content, metadata,
             request_id, client_id, config_id, template_key, content_type, variables,
             is_test, status, priority, destination, shard, guarantee, error_code,
             error, ordering_key, {", ".join(FIRST_VALUES)}, created_at, next_attempt_at)
        SELECT r.message_id, r.user_id, r.channel_type, r.subject, r.content,
            r.metadata, '', c.client_id, c.id, '', 'text', '{{}}', FALSE, 'pending', 1,
            '', 0, c.guarantee, '', '', '', {", ".join(FIRST_VALUES.values())},
            {now()}, {now()}
        FROM {rows_of(COLUMNS)}
        JOIN user_configs c ON c.user_id = r.user_id
            AND c.channel_type = r.channel_type
        RETURNING message_id, id"""
