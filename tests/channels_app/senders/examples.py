"""Messages and answers that the tests of every sender use."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from channels_app.senders.contract import Answer, ContentType, Message

NOW = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parents[2] / "payloads"


def message(
    content: str = "Disk is full.",
    content_type: ContentType = ContentType.TEXT,
    *,
    subject: str = "Alert",
    message_id: str = "0194-m1",
    metadata: Mapping[str, object] | None = None,
    sent_at: datetime = NOW,
) -> Message:
    return Message(
        message_id=message_id,
        subject=subject,
        content=content,
        content_type=content_type,
        sent_at=sent_at,
        created_at=NOW,
        metadata=metadata or {},
    )


def answer(
    status: int = 200, body: bytes | str = b"", headers: dict[str, str] | None = None
) -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return Answer(status, NOW, headers or {}, raw)


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()
