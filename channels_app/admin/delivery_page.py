"""The page of one delivery: what was sent, where it is, why, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from channels_app.admin.delivery_words import (
    ACTORS,
    EVIDENCE,
    SEVERITIES,
    STATE_SENTENCES,
    template_of,
)
from channels_app.models import DeliveryAttempt, NotificationLog, Outcome, Status
from channels_app.selectors.held_back import held_back_by
from channels_app.selectors.timelines import timeline_of
from channels_app.services.explanations import Explanation, explain


@dataclass(frozen=True)
class Fact:
    """A name and a value, side by side."""

    name: StrOrPromise
    value: str


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline; `outcome` is set where a try ended."""

    at: datetime
    text: str
    outcome: str
    facts: tuple[Fact, ...]
    answer: str


@dataclass(frozen=True)
class ExplanationBox:
    """Why it is not where it should be, in the reader's language."""

    title: str
    severity: str
    severity_text: StrOrPromise
    cause: str
    who: StrOrPromise
    evidence: tuple[Fact, ...]
    remedy: tuple[str, ...]
    verify: str


@dataclass(frozen=True)
class DeliveryPage:
    """All that the page shows, ready to be written down."""

    log: NotificationLog
    sentence: str
    ids: tuple[Fact, ...]
    times: tuple[Fact, ...]
    content: str
    variables: str
    metadata: str
    explanation: ExplanationBox | None
    timeline: tuple[Moment, ...]


def delivery_page(log: NotificationLog) -> DeliveryPage:
    """Gather the page of a delivery: one query for its tries."""
    attempts = list(log.attempts.order_by("number"))
    explanation = explain(log, attempts)
    return DeliveryPage(
        log=log,
        sentence=_sentence(log),
        ids=_ids(log),
        times=_times(log),
        content=_content(log),
        variables=_pretty(log.variables),
        metadata=_pretty(log.metadata),
        explanation=_box(explanation) if explanation else None,
        timeline=_timeline(log, attempts),
    )


def _sentence(log: NotificationLog) -> str:
    words = [str(STATE_SENTENCES[Status(log.status)])]
    if log.status in {Status.PENDING, Status.RETRYING}:
        due = _time(log.next_attempt_at)
        words.append(_("Next try: %(time)s.") % {"time": due})
    if count := held_back_by(log.message_id):
        words.append(_held_back(count))
    return " ".join(words)


def _held_back(count: int) -> str:
    return ngettext(
        "%(count)d duplicate was held back.",
        "%(count)d duplicates were held back.",
        count,
    ) % {"count": count}


def _ids(log: NotificationLog) -> tuple[Fact, ...]:
    return _facts(
        (_("Message id"), log.message_id),
        (_("Request id"), log.request_id),
        (_("User"), log.user_id),
        (_("API client"), str(log.client)),
        (_("Template"), template_of(log)),
        (_("Priority"), log.get_priority_display()),
        (_("Retries"), str(log.retry_count)),
        (_("When the outcome is unknown"), log.get_guarantee_display()),
    )


def _times(log: NotificationLog) -> tuple[Fact, ...]:
    waits = log.status in {Status.PENDING, Status.RETRYING}
    return _facts(
        (_("Accepted"), _time(log.created_at)),
        (_("Next try"), _time(log.next_attempt_at) if waits else ""),
        (_("Sent"), _time(log.sent_at)),
        (_("Settled"), _time(log.settled_at)),
        (_("Expires"), _time(log.expires_at)),
    )


def _facts(*pairs: tuple[StrOrPromise, str]) -> tuple[Fact, ...]:
    return tuple(Fact(name, value) for name, value in pairs if value)


def _time(at: datetime | None) -> str:
    return date_format(localtime(at), "Y-m-d H:i:s") if at else ""


def _content(log: NotificationLog) -> str:
    if log.content_type != "json":
        return log.content
    try:
        return _pretty(json.loads(log.content))
    except ValueError:
        return log.content


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""


def _box(explanation: Explanation) -> ExplanationBox:
    return ExplanationBox(
        title=explanation.title,
        severity=explanation.severity.value,
        severity_text=SEVERITIES[explanation.severity],
        cause=explanation.cause,
        who=ACTORS[explanation.who],
        evidence=_evidence(explanation.evidence),
        remedy=explanation.remedy,
        verify=explanation.verify,
    )


def _evidence(evidence: Mapping[str, Any]) -> tuple[Fact, ...]:
    return tuple(
        Fact(EVIDENCE.get(name, name), _value(name, value))
        for name, value in evidence.items()
    )


def _value(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return _time(value)
    text = str(value)
    return str(Status(text).label) if name == "status" else text


def _timeline(
    log: NotificationLog, attempts: Sequence[DeliveryAttempt]
) -> tuple[Moment, ...]:
    answers = {attempt.number: attempt.response_excerpt for attempt in attempts}
    return tuple(_moment(event, answers) for event in timeline_of(log, attempts))


def _moment(event: Mapping[str, Any], answers: Mapping[int, str]) -> Moment:
    outcome = event.get("outcome", "")
    return Moment(
        at=event["at"],
        text=event["text"],
        outcome=outcome if outcome in Outcome.values else "",
        facts=_moment_facts(event),
        answer=answers.get(event["attempt"], "") if outcome else "",
    )


def _moment_facts(event: Mapping[str, Any]) -> tuple[Fact, ...]:
    names: Iterable[tuple[str, StrOrPromise]] = (
        ("http_status", _("HTTP status")),
        ("latency_ms", _("Took (ms)")),
        ("error_code", _("Error code")),
        ("error", _("Error")),
        ("retry_after_seconds", _("Wait asked for (s)")),
        ("due_at", _("Due")),
        ("worker", _("Worker")),
    )
    found = ((label, event.get(name)) for name, label in names)
    return tuple(
        Fact(label, _time(value) if isinstance(value, datetime) else str(value))
        for label, value in found
        if value is not None
    )
