"""What the API answers, as frozen values. What a newer service adds is in `fields`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from notifications_client.reading import Row

SETTLED = frozenset({"sent", "failed", "unknown", "cancelled", "expired"})
Fields = Mapping[str, object]


@dataclass(frozen=True)
class SendResult:
    """What became of a notification on one channel when it was accepted."""

    channel: str
    status: str
    message_id: str
    user_id: str
    log_id: int | None
    error: str
    code: str
    is_deduplicated: bool

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    @classmethod
    def read(cls, row: Row) -> SendResult:
        return cls(
            channel=row.text("channelType"),
            status=row.text("status"),
            message_id=row.text("message_id") or row.text("messageId"),
            user_id=row.text("userId"),
            log_id=row.number("logId"),
            error=row.text("error"),
            code=row.text("code"),
            is_deduplicated=row.flag("deduplicated"),
        )


@dataclass(frozen=True)
class Accepted:
    """A notification that is stored for good. `is_replayed`: it had been before."""

    request_id: str
    results: tuple[SendResult, ...]
    idempotency_key: str
    is_replayed: bool

    @property
    def message_ids(self) -> tuple[str, ...]:
        return tuple(result.message_id for result in self.results)


@dataclass(frozen=True)
class BatchItem:
    """What became of one notification of a batch, in the order they were given."""

    index: int
    is_accepted: bool
    results: tuple[SendResult, ...]
    idempotency_key: str
    is_replayed: bool
    error: str
    code: str
    hint: str
    details: Fields

    @classmethod
    def read(cls, row: Row, keys: tuple[str, ...]) -> BatchItem:
        index = row.number("index") or 0
        return cls(
            index=index,
            is_accepted=row.flag("success"),
            results=tuple(map(SendResult.read, row.rows("results"))),
            idempotency_key=keys[index] if 0 <= index < len(keys) else "",
            is_replayed=row.flag("replayed"),
            error=row.text("error"),
            code=row.text("code"),
            hint=row.text("hint"),
            details=row.mapping("details"),
        )


@dataclass(frozen=True)
class BatchAnswer:
    """What became of a batch: the refused ones do not stop the others."""

    request_id: str
    items: tuple[BatchItem, ...]
    accepted: int
    rejected: int

    @property
    def message_ids(self) -> tuple[str, ...]:
        return tuple(
            result.message_id for item in self.items for result in item.results
        )


@dataclass(frozen=True)
class Log:
    """One delivery: one notification to one channel."""

    id: int
    message_id: str
    user_id: str
    channel: str
    status: str
    template_key: str
    subject: str
    content: str
    retry_count: int
    error: str
    sent_at: datetime | None
    created_at: datetime | None
    request_id: str
    fields: Fields = field(repr=False)

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    @classmethod
    def read(cls, row: Row) -> Log:
        return cls(
            id=row.number("id") or 0,
            message_id=row.text("message_id"),
            user_id=row.text("user_id"),
            channel=row.text("channel_type"),
            status=row.text("status"),
            template_key=row.text("template_key"),
            subject=row.text("subject"),
            content=row.text("content"),
            retry_count=row.number("retry_count") or 0,
            error=row.text("error"),
            sent_at=row.time("sent_at"),
            created_at=row.time("created_at"),
            request_id=row.text("request_id"),
            fields=row.fields,
        )


@dataclass(frozen=True)
class Event:
    """One line of a delivery's timeline."""

    at: datetime | None
    event: str
    text: str
    fields: Fields = field(repr=False)

    @classmethod
    def read(cls, row: Row) -> Event:
        return cls(row.time("at"), row.text("event"), row.text("text"), row.fields)


@dataclass(frozen=True)
class Explanation:
    """Why a delivery is not where it should be, and what to do. `who` can mend it."""

    id: str
    severity: str
    who: str
    title: str
    cause: str
    evidence: Fields
    remedy: tuple[str, ...]
    verify: str

    @classmethod
    def read(cls, row: Row) -> Explanation:
        return cls(
            id=row.text("id"),
            severity=row.text("severity"),
            who=row.text("who"),
            title=row.text("title"),
            cause=row.text("cause"),
            evidence=row.mapping("evidence"),
            remedy=row.texts("remedy"),
            verify=row.text("verify"),
        )


@dataclass(frozen=True)
class Message:
    """One delivery with its story; `explanation` is None when nothing is wrong."""

    log: Log
    timeline: tuple[Event, ...]
    explanation: Explanation | None

    @classmethod
    def read(cls, row: Row) -> Message:
        is_explained = row.fields.get("explanation") is not None
        return cls(
            log=Log.read(row.row("log")),
            timeline=tuple(map(Event.read, row.rows("timeline"))),
            explanation=Explanation.read(row.row("explanation"))
            if is_explained
            else None,
        )
