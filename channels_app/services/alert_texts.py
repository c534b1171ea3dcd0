"""What alerts say without a template: one message for a group, by kind of channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from channels_app.services.alert_payloads import (
    TEMPLATE_LABEL,
    Alert,
    AlertGroup,
    firing_first,
    moment,
    texts,
)

LONGEST_SUBJECT = 200
LONGEST_ANNOTATION = 1_000
# Chats cut long messages or split them; mails and programs take them whole.
CHAT_CHARACTERS = 3_500
ROOMY_CHARACTERS = 50_000
ROOMY_KINDS = frozenset({"email", "webhook"})
# Labels that the text shows in places of their own, or that only we read.
_SHOWN = frozenset({"alertname", "severity", TEMPLATE_LABEL, "__alert_rule_uid__"})
_FIRING, _RESOLVED = "\N{FIRE}", "\N{WHITE HEAVY CHECK MARK}"


@dataclass(frozen=True)
class Words:
    """A subject and a content."""

    subject: str
    content: str


def built_in_words(group: AlertGroup, alerts: Sequence[Alert], kind: str) -> Words:
    """Return what a channel is told of alerts of a group.

    Title and message that a person wrote in Grafana go before our own.
    """
    subject = group.own_title or _subject(alerts)
    longest = ROOMY_CHARACTERS if kind in ROOMY_KINDS else CHAT_CHARACTERS
    content = group.own_message or _content(group, alerts, longest)
    return Words(_short(subject, LONGEST_SUBJECT), _short(content, ROOMY_CHARACTERS))


def pairs(values: Mapping[str, str], separator: str = ", ") -> str:
    """Return labels in one line."""
    return separator.join(f"{name}={value}" for name, value in values.items())


def figure(value: Any) -> str:
    """Return a measured value in as few digits as tell something."""
    if value is None:
        return "–"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.6g}" if is_number else str(value)


def figures_of(alert: Alert) -> str:
    """Return the values of an alert in one line; what Grafana wrote if it sent none."""
    found = {name: figure(value) for name, value in alert.figures.items()}
    return pairs(found) or alert.value_string or ""


def links_of(alert: Alert) -> list[tuple[str, str]]:
    """Return the links of an alert with their names, the most useful first."""
    named = (
        (_("Rule"), alert.generator_url),
        (_("Silence"), alert.silence_url),
        (_("Dashboard"), alert.dashboard_url),
        (_("Panel"), alert.panel_url),
        (_("Runbook"), alert.annotation("runbook_url")),
        (_("Picture"), alert.image_url),
    )
    return [(name, url) for name, url in named if url]


def _subject(alerts: Sequence[Alert]) -> str:
    firing = [alert for alert in alerts if not alert.is_resolved]
    resolved = len(alerts) - len(firing)
    counts = [f"FIRING:{len(firing)}"] if firing else []
    counts += [f"RESOLVED:{resolved}"] if resolved else []
    names = dict.fromkeys(alert.name for alert in firing_first(alerts))
    mark = _FIRING if firing else _RESOLVED
    return f"{mark} [{', '.join(counts)}] {', '.join(names)}"


def _content(group: AlertGroup, alerts: Sequence[Alert], longest: int) -> str:
    """List alerts until the text is long enough, and say how many more there are."""
    told: list[str] = []
    used = count = 0
    for alert in firing_first(alerts):
        block = "\n".join(_lines(alert))
        if told and used + len(block) > longest:
            break
        told.append(block)
        used, count = used + len(block) + 2, count + 1
    more = len(alerts) - count + max(group.truncated_alerts or 0, 0)
    if more:
        told.append(_("… and %(count)d more alerts") % {"count": more})
    if group.external_url and more:
        told.append(group.external_url)
    return "\n\n".join(told)


def _lines(alert: Alert) -> Iterator[str]:
    mark = _RESOLVED if alert.is_resolved else _FIRING
    severity = alert.label("severity")
    yield f"{mark} {alert.name}" + (f" · {severity}" if severity else "")
    said = dict.fromkeys((alert.summary, alert.annotation("description")))
    yield from (_short(text, LONGEST_ANNOTATION) for text in said if text)
    labels = {n: v for n, v in texts(alert.labels).items() if n not in _SHOWN}
    if labels:
        yield pairs(labels)
    if figures := figures_of(alert):
        yield _("Values: %(values)s") % {"values": _short(figures, LONGEST_ANNOTATION)}
    yield from _times(alert)
    yield from (f"{name}: {url}" for name, url in links_of(alert))


def _times(alert: Alert) -> Iterator[str]:
    began, ended = moment(alert.starts_at), moment(alert.ended)
    if began:
        yield _("Since %(time)s") % {"time": _time(began)}
    if ended:
        yield _("Until %(time)s") % {"time": _time(ended)}


def _time(value: Any) -> str:
    return date_format(localtime(value), "Y-m-d H:i:s T")


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
