"""The notification log: filtered pages, and one delivery by its message id."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from channels_app.models import ApiClient, NotificationLog, Status
from channels_app.selectors.log_metadata import has_metadata
from channels_app.selectors.visibility import visible_logs

MOST_ROWS = 1_000
MOST_OFFSET = 10_000
# Counting more than this would read an index of millions of rows for one page.
COUNTED_ROWS = 10_000

STATUS_NAMES: Mapping[str, Status] = {
    **{status.value: status for status in Status},
    "retry": Status.RETRYING,
    "retry_scheduled": Status.RETRYING,
}

ROW_FIELDS = (
    "id",
    "message_id",
    "user_id",
    "channel_type",
    "template_key",
    "template_version",
    "subject",
    "content",
    "status",
    "retry_count",
    "error",
    "sent_at",
    "created_at",
    "request_id",
)
_NULL_WHEN_EMPTY = frozenset({"template_key", "subject", "error"})


@dataclass(frozen=True)
class LogFilter:
    """Which deliveries are wanted; None is no condition. Both ends are inclusive."""

    user_id: str | None = None
    channel_type: str | None = None
    status: Status | None = None
    template_key: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    metadata_key: str | None = None
    metadata_value: str | None = None

    def of(self, logs: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
        """Return those of `logs` that are wanted."""
        found = logs.filter(**self.conditions())
        if self.metadata_key is None:
            return found
        return found.filter(has_metadata(self.metadata_key, self.metadata_value))

    def conditions(self) -> dict[str, Any]:
        wanted = {
            "user_id": self.user_id,
            "channel_type": self.channel_type,
            "status": self.status,
            "template_key": self.template_key,
            "created_at__gte": self.start,
            "created_at__lte": self.end,
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True)
class LogPage:
    """One page, newest first. `total` is exact up to COUNTED_ROWS and stops there."""

    logs: list[NotificationLog]
    total: int
    is_total_exact: bool
    next_cursor: str | None


def logs_page(
    client: ApiClient,
    wanted: LogFilter,
    *,
    limit: int = 100,
    offset: int = 0,
    before_id: int | None = None,
) -> LogPage:
    """Return the page after `offset` rows, or that of the rows older than `before_id`.

    Two queries. `limit` is 1 to MOST_ROWS, `offset` 0 to MOST_OFFSET.
    """
    matching = wanted.of(visible_logs(client))
    counted = matching.order_by()[: COUNTED_ROWS + 1].count()
    rows = matching if before_id is None else matching.filter(pk__lt=before_id)
    page = list(rows.order_by("-id").only(*ROW_FIELDS)[offset : offset + limit + 1])
    has_more = len(page) > limit
    return LogPage(
        logs=page[:limit],
        total=min(counted, COUNTED_ROWS),
        is_total_exact=counted <= COUNTED_ROWS,
        next_cursor=cursor_after(page[limit - 1].pk) if has_more else None,
    )


def log_by_message_id(client: ApiClient, message_id: str) -> NotificationLog | None:
    return (
        visible_logs(client)
        .select_related("config")
        .filter(message_id=message_id)
        .first()
    )


def log_row(log: NotificationLog) -> dict[str, Any]:
    """Return a delivery as the API shows it; times are aware."""
    row = {name: getattr(log, name) for name in ROW_FIELDS}
    return {
        name: None if name in _NULL_WHEN_EMPTY and value == "" else value
        for name, value in row.items()
    }


def cursor_after(log_id: int) -> str:
    """Return the opaque mark of a place in the log."""
    return base64.urlsafe_b64encode(f"before:{log_id}".encode()).decode().rstrip("=")


def id_of_cursor(cursor: str) -> int | None:
    """Return the id in a cursor, or None when it is not one of ours."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.urlsafe_b64decode(padded).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    match = re.fullmatch(r"before:([0-9]{1,18})", text)
    return int(match[1]) if match else None


def attempts_of(log: NotificationLog) -> QuerySet[Any]:
    return log.attempts.order_by("number")
