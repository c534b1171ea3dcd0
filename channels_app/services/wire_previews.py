"""What would leave this machine for a rendered message, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils import timezone

from channels_app.senders.contract import (
    BlockingSender,
    ConfigData,
    ContentType,
    HttpSender,
    Message,
    OutgoingRequest,
    PermanentSendError,
    Sender,
)
from channels_app.senders.registry import SENDERS, sender_for


@dataclass(frozen=True)
class Meter:
    """How much of one of a channel's limits is used; `unit` is characters or bytes."""

    unit: str
    used: int
    limit: int

    @property
    def is_over(self) -> bool:
        return self.used > self.limit


@dataclass(frozen=True)
class WirePreview:
    """The bytes of each request, with its public headers, or the code of a refusal.

    `code` is one of the sender's error table, with its words in `title` and `remedy`.
    A method is empty where a library, and not HTTP, carries the message. `urls` are
    as secret as the config that they were built with.
    """

    bodies: tuple[bytes, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[Mapping[str, str], ...] = ()
    urls: tuple[str, ...] = field(repr=False, default=())
    meters: tuple[Meter, ...] = ()
    code: str = ""
    title: str = ""
    remedy: tuple[str, ...] = ()


def channel_labels() -> dict[str, str]:
    """Return each kind of channel with its name for people."""
    return {kind: str(sender.label) for kind, sender in SENDERS.items()}


def preview_wire(
    channel_type: str, *, message_id: str, subject: str, content: str, content_type: str
) -> WirePreview:
    """Build the requests with the sender's sample config; nothing is sent.

    Raises UnknownSenderError for a kind of channel that there is none of.
    """
    now = timezone.now()
    message = Message(message_id, subject, content, ContentType(content_type), now, now)
    return preview_message(
        channel_type, message, sender_for(channel_type).sample, is_checked=False
    )


def preview_message(
    channel_type: str, message: Message, config: ConfigData, *, is_checked: bool = True
) -> WirePreview:
    """Build the requests with a config whose secrets were masked; nothing is sent.

    `is_checked`: what a library carries is looked at as before its sending, too.
    """
    sender = sender_for(channel_type)
    try:
        if is_checked and isinstance(sender, BlockingSender):
            sender.check(config, message)
        written = _written(sender, config, message)
    except PermanentSendError as error:
        return _refusal(sender, message, error)
    return replace(written, meters=_meters(sender, message, written.bodies))


def _written(sender: Sender, config: ConfigData, message: Message) -> WirePreview:
    if isinstance(sender, BlockingSender):
        return WirePreview((sender.written(config, message),), ("",), ({},), urls=("",))
    if not isinstance(sender, HttpSender):
        return WirePreview()
    requests = sender.build(config, message)
    return WirePreview(
        bodies=tuple(one.body for one in requests),
        methods=tuple(one.method for one in requests),
        headers=tuple(map(_headers, requests)),
        urls=tuple(one.url for one in requests),
    )


def _headers(request: OutgoingRequest) -> Mapping[str, str]:
    return {name.lower(): value for name, value in request.headers}


def _meters(
    sender: Sender, message: Message, bodies: tuple[bytes, ...]
) -> tuple[Meter, ...]:
    limits = sender.limits
    meters = []
    if limits.content_characters:
        meters.append(
            Meter("characters", len(message.content), limits.content_characters)
        )
    if limits.body_bytes and bodies:
        meters.append(Meter("bytes", max(map(len, bodies)), limits.body_bytes))
    return tuple(meters)


def _refusal(
    sender: Sender, message: Message, error: PermanentSendError
) -> WirePreview:
    known = sender.errors.get(error.code)
    if known is None:
        return WirePreview(code=error.code, title=error.detail or error.code)
    return WirePreview(
        meters=_meters(sender, message, ()),
        code=error.code,
        title=f"{known.title} {error.detail}".strip(),
        remedy=tuple(str(step) for step in known.remedy),
    )
