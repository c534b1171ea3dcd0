"""Deliveries that another one stands for: counted on the first, not sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from channels_app.models import Status
from channels_app.models.sql import Column, as_parameter, now, now_plus, rows_of

_COLUMNS = (
    Column("client_id", "integer"),
    Column("user_id", "text"),
    Column("channel_type", "text"),
    Column("key", "text"),
    Column("message_id", "text"),
    Column("more", "integer"),
    Column("seconds", "integer"),
)
_FIRST_COLUMNS = (Column("message_id", "text"),)

Place = tuple[int, str, str, str]  # client, user, channel, key


@dataclass(frozen=True)
class Window:
    """For how long one delivery stands for the others under a caller's key."""

    key: str
    seconds: int


@dataclass(frozen=True)
class Candidate:
    """A delivery that is sent only if none stands in its place."""

    message_id: str
    place: Place
    seconds: int


@dataclass(frozen=True)
class First:
    """The delivery that stands for another; `log_id` is None when it was deleted."""

    message_id: str
    log_id: int | None
    status: str


def take_places(cursor: Any, candidates: Sequence[Candidate]) -> dict[str, str]:
    """Let the first in each place be sent; return which stands for which other.

    The row of a place decides, under the database's clock and inside the caller's
    transaction: of two at once one waits for the other. The others are counted on it.
    """
    leaders: dict[Place, list[Candidate]] = {}
    for candidate in candidates:
        leaders.setdefault(candidate.place, []).append(candidate)
    cursor.execute(_take_sql(), [as_parameter(map(_row, leaders.values()))])
    firsts = {tuple(place): first for *place, first in cursor.fetchall()}
    return {
        candidate.message_id: firsts[candidate.place]
        for candidate in candidates
        if firsts[candidate.place] != candidate.message_id
    }


def firsts_of(cursor: Any, message_ids: Iterable[str]) -> dict[str, First]:
    """Return deliveries by message id, as they are now."""
    asked = sorted(set(message_ids))
    cursor.execute(
        "SELECT l.message_id, l.id, l.status FROM notification_logs AS l JOIN "
        f"{rows_of(_FIRST_COLUMNS)} ON l.message_id = r.message_id",
        [as_parameter({"message_id": message_id} for message_id in asked)],
    )
    found = {row[0]: First(*row) for row in cursor.fetchall()}
    gone = Status.CANCELLED.value
    return {each: found.get(each) or First(each, None, gone) for each in asked}


def _row(candidates: Sequence[Candidate]) -> dict[str, Any]:
    first = candidates[0]
    names = ("client_id", "user_id", "channel_type", "key")
    return {
        **dict(zip(names, first.place, strict=True)),
        "message_id": first.message_id,
        "more": len(candidates) - 1,
        "seconds": first.seconds,
    }


def _take_sql() -> str:
    # In one order: two batches with the same places would wait for each other else.
    is_over = f"dedupe_windows.expires_at <= {now()}"
    return f"""
        INSERT INTO dedupe_windows
            (client_id, user_id, channel_type, key, message_id, held_back, expires_at)
        SELECT r.client_id, r.user_id, r.channel_type, r.key, r.message_id, r.more,
            {now_plus("r.seconds")}
        FROM {rows_of(_COLUMNS)} WHERE TRUE
        ORDER BY r.user_id, r.channel_type, r.key
        ON CONFLICT (client_id, user_id, channel_type, key) DO UPDATE SET
            message_id = CASE WHEN {is_over} THEN excluded.message_id
                ELSE dedupe_windows.message_id END,
            held_back = CASE WHEN {is_over} THEN excluded.held_back
                ELSE dedupe_windows.held_back + excluded.held_back + 1 END,
            expires_at = CASE WHEN {is_over} THEN excluded.expires_at
                ELSE dedupe_windows.expires_at END
        RETURNING client_id, user_id, channel_type, key, message_id"""
