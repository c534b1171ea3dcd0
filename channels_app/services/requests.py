"""What a request to notify somebody holds, decoded and checked for form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels_app.delivery.held_back import Window
from channels_app.models import Priority


@dataclass(frozen=True)
class NotificationRequest:
    """What one API request asks for.

    `fingerprint` is the SHA-256 of the request body in hex: two requests with one
    idempotency key must have the same. `content` is None when a template is named.
    `window`, if there is one, holds back what would repeat an earlier delivery; what
    has one `ordering_key` goes out in the order of acceptance. `is_rehearsal`: only
    what would happen is asked for.
    """

    user_id: str
    channels: tuple[str, ...] | None = None
    template_key: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    content: str | None = None
    content_type: str = "text"
    idempotency_key: str | None = None
    fingerprint: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = Priority.NORMAL
    send_at: datetime | None = None
    expires_at: datetime | None = None
    window: Window | None = None
    ordering_key: str | None = None
    is_rehearsal: bool = False
