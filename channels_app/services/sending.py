"""Accepting a notification: from a checked request to durable deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels_app.models import ApiClient, Priority


@dataclass(frozen=True)
class NotificationRequest:
    """What one API request asks for, decoded and checked for form.

    `fingerprint` is the SHA-256 of the request body in hex: two requests with one
    idempotency key must have the same. `content` is None when a template is named.
    """

    user_id: str
    channels: tuple[str, ...] | None = None
    template_key: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    content: str | None = None
    idempotency_key: str | None = None
    fingerprint: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = Priority.NORMAL
    send_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Accepted:
    """The answer to an accepted request, and whether it is a repeated one.

    `body` is the JSON of the answer: success, request_id, results.
    """

    body: Mapping[str, Any]
    is_replayed: bool = False


def accept_notification(
    *, client: ApiClient, request: NotificationRequest, request_id: str
) -> Accepted:
    """Store the deliveries of a notification; once this returns they are durable.

    Raises RequestRefusedError with TEMPLATE_NOT_FOUND, TEMPLATE_RENDER_ERROR,
    INVALID_CHANNEL_TYPE, MISSING_CONTENT, USER_NO_CHANNELS, IDEMPOTENCY_KEY_REUSED,
    IDEMPOTENCY_IN_PROGRESS, MAINTENANCE, QUEUE_FULL or DATABASE_UNAVAILABLE.
    """
    raise NotImplementedError
