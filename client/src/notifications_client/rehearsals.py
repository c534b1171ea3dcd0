"""What a dry run answers: what sending would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from notifications_client.reading import Row

Fields = Mapping[str, object]


@dataclass(frozen=True)
class Prospect:
    """What one channel would do: `status` is would_send, would_wait, _skip or _fail.

    `code`, `error` and `remedy` say why, where it is not simply sent.
    """

    channel: str
    status: str
    code: str
    error: str
    remedy: tuple[str, ...]
    until: datetime | None
    subject: str
    content: str
    content_type: str
    missing_variables: tuple[str, ...]
    fields: Fields = field(repr=False)

    @classmethod
    def read(cls, row: Row) -> Prospect:
        return cls(
            channel=row.text("channelType"),
            status=row.text("status"),
            code=row.text("code"),
            error=row.text("error"),
            remedy=row.texts("remedy"),
            until=row.time("until"),
            subject=row.text("subject"),
            content=row.text("content"),
            content_type=row.text("content_type"),
            missing_variables=row.texts("missing_variables"),
            fields=row.fields,
        )


@dataclass(frozen=True)
class DryRun:
    """What sending would do; `code`, `error` and `hint` where it would be refused."""

    would_accept: bool
    code: str
    error: str
    hint: str
    results: tuple[Prospect, ...]
    queue: Fields
    fields: Fields = field(repr=False)

    @classmethod
    def read(cls, row: Row) -> DryRun:
        refusal = Row(row.mapping("refusal"))
        return cls(
            would_accept=row.flag("would_accept"),
            code=refusal.text("code"),
            error=refusal.text("error"),
            hint=refusal.text("hint"),
            results=tuple(map(Prospect.read, row.rows("results"))),
            queue=row.mapping("queue"),
            fields=row.fields,
        )
