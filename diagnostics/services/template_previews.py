"""Drafts as their receivers would see them: judged and drawn by the practice providers."""

from __future__ import annotations

import email
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

from channels_app.services.wire_previews import (
    Meter,
    channel_labels,
    preview_wire,
)
from diagnostics.sandbox.causes import likely_cause
from diagnostics.sandbox.drawing import Block, Run, Seen, seen_of
from diagnostics.sandbox.exchange import Arrived, Request
from diagnostics.sandbox.providers import BY_NAME, Provider
from templates_app.engine.problems import Problem
from templates_app.services import TemplateDraft
from templates_app.services.draft_previews import (
    SAMPLE_MESSAGE_ID,
    DraftMessage,
    preview_draft,
)

SHOWN_BYTES = 20_000


@dataclass(frozen=True)
class Mail:
    """The parts of a mail that a reader sees."""

    subject: str
    sender: str
    to: str
    text: str
    html: str


@dataclass(frozen=True)
class Drawing:
    """One message as it arrives: what a reader sees, or why the provider says no."""

    seen: Seen = field(default_factory=Seen)
    refusal: str = ""
    cause: str = ""
    mail: Mail | None = None


@dataclass(frozen=True)
class ChannelPreview:
    """One channel of a draft: what is sent, what is seen, and what is in the way."""

    channel_type: str
    label: str
    drawings: tuple[Drawing, ...] = ()
    sent: tuple[str, ...] = ()
    meters: tuple[Meter, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""
    remedy: tuple[str, ...] = ()


@dataclass(frozen=True)
class TemplatePreview:
    """A draft on all its channels, with the validator's word on it."""

    channels: tuple[ChannelPreview, ...]
    problems: tuple[Problem, ...]


def preview_template(draft: TemplateDraft) -> TemplatePreview:
    """Render, build, judge and draw a draft; nothing is stored and nothing is sent."""
    labels = channel_labels()
    found = preview_draft(draft, channel_types=tuple(labels))
    channels = tuple(
        _channel(message, labels[message.channel_type])
        for message in found.messages
        if message.channel_type in labels
    )
    return TemplatePreview(channels, found.problems)


def _channel(found: DraftMessage, label: str) -> ChannelPreview:
    kind = found.channel_type
    if found.message is None:
        said = found.problem
        text, remedy = (said.message, (said.remedy,)) if said else ("", ())
        return ChannelPreview(kind, label, problem=text, remedy=remedy)
    wire = preview_wire(
        kind,
        message_id=SAMPLE_MESSAGE_ID,
        subject=found.message.subject,
        content=found.message.content,
        content_type=found.message.content_type,
    )
    return ChannelPreview(
        channel_type=kind,
        label=label,
        drawings=drawn(kind, wire.bodies, wire.headers),
        sent=tuple(_readable(body) for body in wire.bodies),
        meters=wire.meters,
        missing=found.message.missing,
        problem=wire.title,
        remedy=wire.remedy,
    )


def drawn(
    kind: str, bodies: tuple[bytes, ...], headers: tuple[Mapping[str, str], ...]
) -> tuple[Drawing, ...]:
    """Return what a reader sees of the bodies that are sent; nothing is kept."""
    if kind == "email":
        return tuple(Drawing(mail=_mail(body)) for body in bodies)
    provider = BY_NAME.get(kind)
    if provider is None:
        return tuple(map(_plain, bodies))
    return tuple(
        _judged(provider, body, of_body)
        for body, of_body in zip(bodies, headers, strict=True)
    )


def _judged(provider: Provider, body: bytes, headers: Mapping[str, str]) -> Drawing:
    path = provider.example.removeprefix(f"/{provider.name}/")
    request = Request("POST", path, "", headers, body, time.time())
    arrived = provider.receive(request).arrived or Arrived(True, "", "")
    if arrived.accepted:
        return Drawing(arrived.seen)
    cause = likely_cause(provider.name, arrived.code, arrived.reason)
    return Drawing(arrived.seen, f"{arrived.code} {arrived.reason}".strip(), cause)


def _plain(body: bytes) -> Drawing:
    text = body.decode("utf-8", "replace")[:SHOWN_BYTES]
    return Drawing(seen_of([Block("code", (Run(text),))]))


def _mail(written: bytes) -> Mail:
    mail = email.message_from_bytes(written, policy=policy.default)
    return Mail(
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        to=str(mail["To"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _readable(body: bytes) -> str:
    """Return a body as text, JSON broken into lines."""
    text = body.decode("utf-8", "replace")
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text[:SHOWN_BYTES]
    return text[:SHOWN_BYTES]
