"""What Grafana (unified alerting) and Alertmanager (version 4) post, decoded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

TEMPLATE_LABEL = "notification_template"
# How both write that an alert has not ended.
_NEVER = "0001-01-01T00:00:00"
_OWN_LOOK = re.compile(r"\s*(\[(FIRING|RESOLVED)|\*\*(Firing|Resolved))")


def _as_written(name: str) -> str:
    """Return the name of a field as both programs write it: generatorURL, startsAt."""
    first, *rest = name.split("_")
    return first + "".join("URL" if w == "url" else w.capitalize() for w in rest)


class Alert(msgspec.Struct, rename=_as_written):
    """One alert of a group; Alertmanager leaves out what only Grafana knows."""

    status: str | None = None
    labels: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    fingerprint: str | None = None
    values: Any = None
    value_string: str | None = None
    generator_url: str | None = None
    silence_url: str | None = None
    dashboard_url: str | None = None
    panel_url: str | None = None
    image_url: str | None = None

    @property
    def is_resolved(self) -> bool:
        return self.status == "resolved"

    def label(self, name: str) -> str:
        return texts(self.labels).get(name, "")

    def annotation(self, name: str) -> str:
        return texts(self.annotations).get(name, "")

    @property
    def name(self) -> str:
        return self.label("alertname") or self.label("rulename") or "Alert"

    @property
    def summary(self) -> str:
        return self.annotation("summary") or self.annotation("message")

    @property
    def ended(self) -> str:
        """When it ended as it was written; empty for one that still fires."""
        is_over = self.is_resolved and not (self.ends_at or "").startswith(_NEVER)
        return (self.ends_at or "") if is_over else ""

    @property
    def figures(self) -> Mapping[str, Any]:
        return self.values if isinstance(self.values, dict) else {}


class AlertGroup(msgspec.Struct, rename=_as_written):
    """The body of one webhook: a group of alerts for one receiver."""

    receiver: str | None = None
    status: str | None = None
    alerts: list[Alert] | None = None
    group_labels: dict[str, Any] | None = None
    common_labels: dict[str, Any] | None = None
    common_annotations: dict[str, Any] | None = None
    external_url: str | None = None
    group_key: str | None = None
    truncated_alerts: int | None = None
    version: str | None = None
    org_id: int | None = None
    title: str | None = None
    message: str | None = None

    @property
    def source(self) -> str:
        """Which program posted it: Grafana's bodies name their organisation."""
        return "alertmanager" if self.org_id is None else "grafana"

    @property
    def own_title(self) -> str:
        """A title that a person wrote in Grafana; the built-in one says too little."""
        return _written_by_a_person(self.title)

    @property
    def own_message(self) -> str:
        return _written_by_a_person(self.message)

    def template_of(self, alert: Alert) -> str:
        """Return the template that an alert's or the group's labels name, if any."""
        for labels in (alert.labels, self.common_labels, self.group_labels):
            if key := texts(labels).get(TEMPLATE_LABEL, "").strip():
                return key
        return ""


def texts(values: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Return labels or annotations, which are texts, whatever was posted."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in (values or {}).items()
        if value is not None
    }


def moment(written: str | None) -> datetime | None:
    """Return a time as Go writes it, in UTC; None for none, or for no time."""
    if not written or written.startswith(_NEVER):
        return None
    try:
        found = datetime.fromisoformat(written)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def firing_first(alerts: Sequence[Alert]) -> list[Alert]:
    """Return alerts with what still fires before what has ended."""
    return sorted(alerts, key=lambda alert: alert.is_resolved)


def _written_by_a_person(text: str | None) -> str:
    return "" if not text or _OWN_LOOK.match(text) else text.strip()
