"""From the body of a send request to a checked NotificationRequest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from channels_app.api.parsing import read_with, wrong_value
from channels_app.delivery.held_back import Window
from channels_app.models import Priority
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest

LONGEST_USER_ID = 100
LONGEST_TEMPLATE_KEY = 100
LONGEST_IDEMPOTENCY_KEY = 255
LONGEST_DEDUPE_KEY = 255
LONGEST_ORDERING_KEY = 100
LONGEST_WINDOW = 7 * 24 * 3600
USUAL_WINDOW = 300
PRIORITIES = {priority.name.lower(): priority for priority in Priority}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class CustomContent(msgspec.Struct):
    """The caller's own content."""

    subject: str | None = None
    content: str | None = None


class SendForm(msgspec.Struct):
    """One notification as callers write it. Other fields are ignored."""

    user_id: str | None = None
    channels: list[str] | None = None
    template_key: str | None = None
    variables: dict[str, Any] | None = None
    custom_content: CustomContent | None = None
    idempotency_key: str | None = None
    metadata: dict[str, Any] | None = None
    priority: str | None = None
    send_at: str | None = None
    expires_at: str | None = None
    dedupe_key: str | None = None
    dedupe_window: int | None = None
    ordering_key: str | None = None
    dry_run: bool | None = None


_DECODER = msgspec.json.Decoder(SendForm)


def read_send_form(
    body: bytes, *, known_channels: Collection[str], header_key: str = ""
) -> NotificationRequest:
    """Return the request in a body. Raises RequestRefusedError.

    `header_key` is the value of the Idempotency-Key header, bare or quoted.
    """
    form = read_with(_DECODER, body)
    fingerprint = hashlib.sha256(body).hexdigest()
    return checked_request(
        form,
        known_channels=known_channels,
        header_key=header_key,
        fingerprint=fingerprint,
    )


def checked_request(
    form: SendForm,
    *,
    known_channels: Collection[str],
    header_key: str = "",
    fingerprint: str = "",
) -> NotificationRequest:
    """Return a decoded form as a request, each value checked."""
    user_id = _user_id(form.user_id)
    channels = _channels(form.channels, known_channels)
    template_key, content = _what_to_say(form)
    send_at = _moment("send_at", form.send_at)
    return NotificationRequest(
        user_id=user_id,
        channels=channels,
        template_key=template_key,
        variables=form.variables or {},
        subject=content.subject or "" if content else "",
        content=content.content if content else None,
        idempotency_key=idempotency_key(form.idempotency_key, header_key),
        fingerprint=fingerprint,
        metadata=form.metadata or {},
        priority=_priority(form),
        send_at=send_at,
        expires_at=_expiry(form.expires_at, send_at),
        window=_window(form.dedupe_key, form.dedupe_window),
        ordering_key=_ordering_key(form.ordering_key),
        is_rehearsal=bool(form.dry_run),
    )


def _user_id(value: str | None) -> str:
    if value is None:
        raise RequestRefusedError(
            "MISSING_PARAMETER",
            _("user_id is missing."),
            hint=_("Add user_id: whom the notification is for."),
            details={"parameter": "user_id"},
        )
    return short_text("user_id", value, LONGEST_USER_ID)


def short_text(name: str, value: str, longest: int) -> str:
    """Return a text of 1 to `longest` visible characters, or refuse it by name."""
    if not 1 <= len(value) <= longest:
        raise wrong_value(
            name,
            _("%(name)s has %(found)d characters; it must have 1 to %(longest)d.")
            % {"name": name, "found": len(value), "longest": longest},
        )
    if found := _CONTROL.search(value):
        raise wrong_value(
            name,
            _("%(name)s contains a control character (U+%(code)04X).")
            % {"name": name, "code": ord(found[0])},
            _("Remove the character: it is not visible."),
        )
    return value


def _channels(
    asked: list[str] | None, known: Collection[str]
) -> tuple[str, ...] | None:
    if asked is None:
        return None
    if not asked:
        raise wrong_value(
            "channels",
            _("channels is empty."),
            _("Name at least one channel, or leave channels out for all of them."),
        )
    for index, channel in enumerate(asked):
        if channel not in known:
            raise _unknown_channel(index, channel, known)
        if channel in asked[:index]:
            raise wrong_value(
                f"channels[{index}]",
                _("channels names %(channel)s twice.") % {"channel": channel},
                _("Name each channel once."),
            )
    return tuple(asked)


def _unknown_channel(
    index: int, channel: str, known: Collection[str]
) -> RequestRefusedError:
    kinds = sorted(known)
    return RequestRefusedError(
        "INVALID_CHANNEL_TYPE",
        _("There is no channel type “%(channel)s”.")
        % {"channel": _CONTROL.sub("?", channel[:50])},
        hint=_("Use one of: %(known)s.") % {"known": ", ".join(kinds)},
        details={"parameter": f"channels[{index}]", "known": kinds},
    )


def _what_to_say(form: SendForm) -> tuple[str | None, CustomContent | None]:
    """Return the template's key or the own content, whichever was given."""
    content = form.custom_content
    if content and content.content is None and content.subject is None:
        content = None
    if form.template_key and content:
        raise wrong_value(
            "custom_content",
            _("Both template_key and custom_content are given."),
            _("Give one of them: a template, or own content."),
        )
    if form.template_key:
        return short_text("template_key", form.template_key, LONGEST_TEMPLATE_KEY), None
    if content is None:
        raise RequestRefusedError("MISSING_CONTENT")
    if not (content.content or "").strip():
        raise RequestRefusedError(
            "MISSING_CONTENT",
            _("custom_content.content is empty."),
            hint=_("Put the text to send into custom_content.content."),
            details={"parameter": "custom_content.content"},
        )
    return None, content


def idempotency_key(in_body: str | None, in_header: str) -> str | None:
    """Return the key of a request, which body and header may both name."""
    header = unquoted(in_header.strip())
    if in_body and header and in_body != header:
        raise wrong_value(
            "idempotency_key",
            _("idempotency_key and the Idempotency-Key header differ."),
            _("Send one of them, or the same value in both."),
        )
    key = in_body or header
    if not key:
        return None
    return short_text("idempotency_key", key, LONGEST_IDEMPOTENCY_KEY)


def unquoted(value: str) -> str:
    """Return the text of a structured header's string; a bare value as it is."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _priority(form: SendForm) -> Priority:
    if form.priority is None:
        return _priority_in(form.metadata or {})
    if form.priority not in PRIORITIES:
        raise wrong_value(
            "priority",
            _("priority must be low, normal or high."),
            _("Leave it out for normal."),
        )
    return PRIORITIES[form.priority]


def _priority_in(metadata: Mapping[str, Any]) -> Priority:
    """Return the priority in metadata, where callers may keep words of their own."""
    word = metadata.get("priority")
    return (
        PRIORITIES.get(word, Priority.NORMAL)
        if isinstance(word, str)
        else (Priority.NORMAL)
    )


def _moment(name: str, value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong_value(
            name,
            _("%(name)s is not a time in ISO 8601.") % {"name": name},
            _("Write it like 2026-01-31T09:30:00Z; without an offset it is UTC."),
        ) from error


def _expiry(value: str | None, send_at: datetime | None) -> datetime | None:
    expires_at = _moment("expires_at", value)
    if expires_at and send_at and expires_at <= send_at:
        raise wrong_value(
            "expires_at",
            _("expires_at is not after send_at."),
            _("Let it expire later than it is sent, or leave expires_at out."),
        )
    return expires_at


def _ordering_key(value: str | None) -> str | None:
    if value is None:
        return None
    return short_text("ordering_key", value, LONGEST_ORDERING_KEY)


def _window(key: str | None, seconds: int | None) -> Window | None:
    if key is None:
        if seconds is None:
            return None
        raise wrong_value(
            "dedupe_window",
            _("dedupe_window is given without dedupe_key."),
            _("Add dedupe_key: what the same notifications have in common."),
        )
    seconds = USUAL_WINDOW if seconds is None else seconds
    if not 1 <= seconds <= LONGEST_WINDOW:
        raise wrong_value(
            "dedupe_window",
            _("dedupe_window must be 1 to %(longest)d seconds.")
            % {"longest": LONGEST_WINDOW},
        )
    return Window(short_text("dedupe_key", key, LONGEST_DEDUPE_KEY), seconds)
