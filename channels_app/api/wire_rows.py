"""What would leave for a provider, as the API shows it: requests and meters."""

from __future__ import annotations

from typing import Any

from channels_app.services.wire_previews import WirePreview
from templates_app.json_schema import BOOLEAN, INTEGER, STRING, Schema, or_null, record

OF_REQUEST: dict[str, Schema] = {
    "method": or_null(STRING),
    "content_type": or_null(STRING),
    "body": {**STRING, "description": "The body, byte for byte, read as UTF-8."},
}
METER = record(
    unit={"enum": ["characters", "bytes"]},
    used=INTEGER,
    limit=INTEGER,
    is_over=BOOLEAN,
)


def request_rows(wire: WirePreview) -> list[dict[str, str | None]]:
    """Return each request of a preview, without its address, which may be a secret."""
    parts = zip(wire.methods, wire.headers, wire.bodies, strict=True)
    return [
        {
            "method": method or None,
            "content_type": headers.get("content-type"),
            "body": body.decode("utf-8", "replace"),
        }
        for method, headers, body in parts
    ]


def meter_rows(wire: WirePreview) -> list[dict[str, Any]]:
    """Return how much of each limit of the channel a preview uses."""
    return [
        {
            "unit": meter.unit,
            "used": meter.used,
            "limit": meter.limit,
            "is_over": meter.is_over,
        }
        for meter in wire.meters
    ]
