"""What one asks for: a notification, a filter of the log, the options of a client."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from notifications_client.pacing import RetryPolicy
from notifications_client.words import say

_CONTENT = ("subject", "content")


@dataclass(frozen=True)
class Notification:
    """One notification: to whom, and either own content or a template.

    Without `channels` it goes to all of the user's active ones. Without
    `idempotency_key` the client makes one, so that a retry cannot send twice; give
    one of your own to be safe across restarts of your program too.
    """

    user_id: str
    content: str | None = None
    subject: str | None = None
    channels: Sequence[str] | None = None
    template_key: str | None = None
    variables: Mapping[str, object] | None = None
    idempotency_key: str | None = None
    metadata: Mapping[str, object] | None = None
    priority: str | None = None
    send_at: datetime | None = None
    expires_at: datetime | None = None
    dedupe_key: str | None = None
    dedupe_window: int | None = None
    ordering_key: str | None = None

    def with_key(self) -> Notification:
        """Return it with an idempotency key."""
        if self.idempotency_key:
            return self
        return replace(self, idempotency_key=uuid.uuid4().hex)

    def as_body(self) -> dict[str, object]:
        """Return the JSON object that the API takes."""
        body = {
            field.name: _plain(value)
            for field in fields(self)
            if field.name not in _CONTENT
            and (value := getattr(self, field.name)) is not None
        }
        content = {
            name: value
            for name in _CONTENT
            if (value := getattr(self, name)) is not None
        }
        return {**body, "custom_content": content} if content else body


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, (str, int, Mapping)):
        return value
    return list(value) if isinstance(value, Sequence) else value


def time_text(value: datetime) -> str:
    """Return a time in ISO 8601. Raises ValueError for one without a time zone."""
    if value.tzinfo is None:
        raise ValueError(
            say("A time needs a time zone: datetime.now(timezone.utc), for example.")
        )
    return value.isoformat()


@dataclass(frozen=True)
class LogFilter:
    """Which deliveries are wanted; what is not given is no condition."""

    user_id: str | None = None
    channel: str | None = None
    status: str | None = None
    template_key: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def as_query(self) -> dict[str, object]:
        return {
            "user_id": self.user_id,
            "channel": self.channel,
            "status": self.status,
            "template_key": self.template_key,
            "start_date": time_text(self.since) if self.since else None,
            "end_date": time_text(self.until) if self.until else None,
        }


@dataclass(frozen=True)
class Options:
    """How a client behaves. Times are in seconds.

    `timeout` is what each wait for the network may take, `retries` how often and how
    long a call is tried in all. `correct_clock` stamps with the service's time once it
    says that this computer's clock is off. `signed_base_path` is for a proxy that takes
    a part off the path on the way: what the service itself sees before `/api`.
    `use_proxies` follows HTTP_PROXY, HTTPS_PROXY and NO_PROXY. `language` is the one of
    the service's sentences.
    """

    timeout: float = 15.0
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    correct_clock: bool = False
    signed_base_path: str | None = None
    use_proxies: bool = True
    tls: ssl.SSLContext | None = None
    language: str | None = None
