"""Alerts of Grafana and Alertmanager as notifications: one for a group and template."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from channels_app.delivery.held_back import Window
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.routes import Route
from channels_app.models import ApiClient, Priority
from channels_app.services.alert_payloads import Alert, AlertGroup, texts
from channels_app.services.alert_texts import built_in_words
from channels_app.services.alert_variables import variables_of
from channels_app.services.batches import Outcome, accept_batch
from channels_app.services.plans import (
    Envelope,
    TemplatesAtOnce,
    kinds_of,
    plan_one,
    refuse_nobody,
)
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest
from templates_app.selectors import CompiledTemplate
from templates_app.services import TemplateNotFound

MOST_NAMED = 50


@dataclass(frozen=True)
class Note:
    """The alerts of a group that one template tells; without a key, our own words."""

    template_key: str
    alerts: Sequence[Alert]


@dataclass(frozen=True)
class AlertOutcome:
    """What became of one note.

    `warnings` say, by channel, why it was told in plain words instead of a template's.
    """

    note: Note
    outcome: Outcome
    warnings: Mapping[str, str]


@dataclass
class _Planner:
    """Plans notes so that they arrive: what no template can say is said plainly."""

    group: AlertGroup
    notes: Sequence[tuple[Note, NotificationRequest]]
    warnings: dict[tuple[str, str], str] = field(default_factory=dict)

    def plan(
        self,
        envelope: Envelope,
        configs: Mapping[str, Route],
        templates: TemplatesAtOnce,
    ) -> list[NewDelivery]:
        """Return the deliveries of a note. Raises USER_NO_CHANNELS."""
        note = self._note_of(envelope.request)
        template = _template(note, templates)
        kinds = kinds_of(envelope.request, configs.values(), None)
        plans = [
            self._plan_one(note, envelope, configs.get(kind), kind, template)
            for kind in kinds
        ]
        refuse_nobody(
            envelope.request, {plan.channel_type: plan.error_code for plan in plans}
        )
        return plans

    def warnings_of(self, note: Note) -> dict[str, str]:
        return {
            kind: warning
            for (key, kind), warning in self.warnings.items()
            if key == note.template_key
        }

    def _note_of(self, request: NotificationRequest) -> Note:
        return next(note for note, planned in self.notes if planned is request)

    def _plan_one(
        self,
        note: Note,
        envelope: Envelope,
        config: Route | None,
        kind: str,
        template: CompiledTemplate | None,
    ) -> NewDelivery:
        problem = _problem(note, kind, template)
        if template is not None and not problem:
            try:
                return plan_one(envelope, kind, config, template)
            except RequestRefusedError as error:
                problem = str(error.message)
        if problem and config is not None:
            self.warnings[note.template_key, kind] = problem
        return plan_one(self._plain(note, envelope, kind, problem), kind, config, None)

    def _plain(
        self, note: Note, envelope: Envelope, kind: str, problem: str
    ) -> Envelope:
        words = built_in_words(self.group, note.alerts, kind)
        metadata = dict(envelope.request.metadata)
        if problem:
            metadata |= {"template": note.template_key, "template_problem": problem}
        request = replace(
            envelope.request,
            template_key=None,
            variables={},
            subject=words.subject,
            content=words.content,
            metadata=metadata,
        )
        return replace(envelope, request=request)


def notes_of(group: AlertGroup) -> list[Note]:
    """Return the notifications that a group comes to, one for each template named."""
    by_template: dict[str, list[Alert]] = {}
    for alert in group.alerts or ():
        by_template.setdefault(group.template_of(alert), []).append(alert)
    return [Note(key, alerts) for key, alerts in by_template.items()]


def accept_alerts(
    *,
    client: ApiClient,
    group: AlertGroup,
    user_id: str,
    channels: tuple[str, ...] | None,
    request_id: str,
) -> list[AlertOutcome]:
    """Store what a group of alerts comes to, in one commit.

    The same alerts in the same state are sent once in ALERT_REPEAT_SECONDS, however
    often they are posted; a reminder after that is sent. Raises what accept_batch does.
    """
    notes = [
        (note, _request(group, note, user_id, channels)) for note in notes_of(group)
    ]
    planner = _Planner(group, notes)
    outcomes = accept_batch(
        client=client,
        requests={index: request for index, (_note, request) in enumerate(notes)},
        request_id=request_id,
        planner=planner.plan,
    )
    return [
        AlertOutcome(note, outcomes[index], planner.warnings_of(note))
        for index, (note, _request_of_it) in enumerate(notes)
    ]


def _request(
    group: AlertGroup, note: Note, user_id: str, channels: tuple[str, ...] | None
) -> NotificationRequest:
    seconds = settings.ALERT_REPEAT_SECONDS
    return NotificationRequest(
        user_id=user_id,
        channels=channels,
        template_key=note.template_key or None,
        variables=variables_of(group, note.alerts) if note.template_key else {},
        metadata=_metadata(group, note),
        priority=Priority.HIGH,
        window=Window(_repeat_key(group, note), seconds) if seconds else None,
    )


def _template(note: Note, templates: TemplatesAtOnce) -> CompiledTemplate | None:
    if not note.template_key:
        return None
    try:
        return templates.named(note.template_key)
    except TemplateNotFound:
        return None


def _problem(note: Note, kind: str, template: CompiledTemplate | None) -> str:
    """Return why the template that a note names cannot tell it on a channel."""
    if not note.template_key:
        return ""
    if template is None:
        return _("There is no active template “%(key)s”; sent as plain text.") % {
            "key": note.template_key
        }
    if not template.has_content(kind):
        return _(
            "The template “%(key)s” says nothing on %(kind)s; sent as plain text."
        ) % {"key": note.template_key, "kind": kind}
    return ""


def _metadata(group: AlertGroup, note: Note) -> dict[str, Any]:
    return {
        "source": group.source,
        "status": group.status or "",
        "alertnames": sorted({alert.name for alert in note.alerts})[:MOST_NAMED],
        "fingerprints": [alert.fingerprint or "" for alert in note.alerts][:MOST_NAMED],
        "group_key": group.group_key or "",
    }


def _repeat_key(group: AlertGroup, note: Note) -> str:
    """Return what a repeated post has in common with the first: all that it tells."""
    alerts = sorted(
        [
            alert.fingerprint or json.dumps(texts(alert.labels), sort_keys=True),
            alert.status or "",
            alert.starts_at or "",
            alert.ended,
        ]
        for alert in note.alerts
    )
    told = json.dumps([group.group_key, group.status, note.template_key, alerts])
    return f"alerts:{hashlib.sha256(told.encode()).hexdigest()}"
