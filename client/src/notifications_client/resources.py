"""What the API answers beside deliveries: channel configs, templates, health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from notifications_client.reading import Row

Fields = Mapping[str, object]


@dataclass(frozen=True)
class Config:
    """A user's channel config; the secrets in `data` are masked."""

    id: int
    user_id: str
    channel: str
    data: Fields
    is_active: bool
    disabled_reason: str
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def read(cls, row: Row) -> Config:
        return cls(
            id=row.number("id") or 0,
            user_id=row.text("user_id"),
            channel=row.text("channel_type"),
            data=row.mapping("config_data"),
            is_active=row.flag("is_active"),
            disabled_reason=row.text("disabled_reason"),
            created_at=row.time("created_at"),
            updated_at=row.time("updated_at"),
        )


@dataclass(frozen=True)
class Content:
    """What a template says on one channel."""

    channel: str
    content_type: str
    subject_template: str
    content_template: str

    @classmethod
    def read(cls, row: Row) -> Content:
        return cls(
            channel=row.text("channel_type"),
            content_type=row.text("content_type"),
            subject_template=row.text("subject_template"),
            content_template=row.text("content_template"),
        )


@dataclass(frozen=True)
class Template:
    """A template; `contents` are there when one was asked for by its key."""

    key: str
    name: str
    description: str
    is_active: bool
    channels: tuple[str, ...]
    contents: tuple[Content, ...]
    fields: Fields = field(repr=False)

    @classmethod
    def read(cls, row: Row, contents: tuple[Row, ...] = ()) -> Template:
        return cls(
            key=row.text("template_key"),
            name=row.text("template_name"),
            description=row.text("description"),
            is_active=row.flag("is_active"),
            channels=row.texts("supported_channels"),
            contents=tuple(map(Content.read, contents)),
            fields=row.fields,
        )


@dataclass(frozen=True)
class Health:
    """How the service is: `status` is healthy, degraded or unhealthy."""

    status: str
    version: str
    services: Fields
    timestamp: datetime | None
    fields: Fields = field(repr=False)

    @property
    def is_healthy(self) -> bool:
        return self.status == "healthy"

    @classmethod
    def read(cls, row: Row) -> Health:
        return cls(
            status=row.text("status"),
            version=row.text("version"),
            services=row.mapping("services"),
            timestamp=row.time("timestamp"),
            fields=row.fields,
        )
