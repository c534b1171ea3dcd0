"""What would become of a notification if it were accepted now; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app.delivery.errors import ENGINE_ERRORS
from channels_app.models import ApiClient, DedupeWindow, UserConfig
from channels_app.models.ids import new_message_id
from channels_app.selectors.configs import (
    configs_of_users,
    secret_fields,
    stored_secrets,
)
from channels_app.selectors.idempotency import first_answers
from channels_app.selectors.masking import MASK, mask
from channels_app.senders.contract import ConfigData, ContentType, Message
from channels_app.services.client_users import require_user
from channels_app.services.holds import Hold, holds_on
from channels_app.services.plans import (
    TemplatesAtOnce,
    Text,
    kinds_of,
    reason_to_skip,
    refuse_nobody,
    refuse_unknown_kinds,
    template_of,
    text_of,
)
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest
from channels_app.services.sending import refuse_when_closed
from channels_app.services.wire_previews import WirePreview, preview_message
from templates_app.selectors import CompiledTemplate

STAND_IN = "hidden-by-the-dry-run"
Configs = Mapping[str, UserConfig]


class Verdict(StrEnum):
    """What would become of one channel's message."""

    SEND = "would_send"
    WAIT = "would_wait"
    SKIP = "would_skip"
    FAIL = "would_fail"


@dataclass(frozen=True)
class Prospect:
    """One channel: what would become of it and why, what it would be told and how.

    `until` is when what holds it up ends; `first_message_id` names the delivery that
    this one would be counted on.
    """

    channel_type: str
    verdict: Verdict
    code: str = ""
    reason: str = ""
    remedy: tuple[str, ...] = ()
    until: datetime | None = None
    text: Text | None = None
    wire: WirePreview | None = None
    first_message_id: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """What a notification would come to; `refusal` is why it would not be accepted."""

    prospects: Sequence[Prospect]
    refusal: RequestRefusedError | None = None
    is_key_used: bool = False

    @property
    def is_welcome(self) -> bool:
        return self.refusal is None


def rehearse(
    *, client: ApiClient, requests: Mapping[int, NotificationRequest]
) -> Mapping[int, Rehearsal]:
    """Return what would become of notifications, by their places in a batch.

    A closed door (maintenance, a full queue) stands as the refusal of each.
    """
    configs = configs_of_users(
        client_id=client.pk, user_ids={one.user_id for one in requests.values()}
    )
    scene = _Scene(
        client, holds_on([c for own in configs.values() for c in own.values()])
    )
    closed = _closed_door()
    used = _used_keys(client, requests.values())
    found = {}
    for index, request in requests.items():
        rehearsal = scene.rehearse(request, configs.get(request.user_id, {}))
        is_used = (request.user_id, request.idempotency_key) in used
        found[index] = replace(
            rehearsal, refusal=closed or rehearsal.refusal, is_key_used=is_used
        )
    return found


class _Scene:
    """One client's deliveries as the engine would find them now."""

    def __init__(self, client: ApiClient, holds: Mapping[int, Hold]) -> None:
        self._client = client
        self._holds = holds
        self._templates = TemplatesAtOnce()

    def rehearse(self, request: NotificationRequest, configs: Configs) -> Rehearsal:
        try:
            require_user(self._client, request.user_id)
            refuse_unknown_kinds(request.channels or ())
            template = template_of(request, self._templates)
        except RequestRefusedError as error:
            return Rehearsal((), error)
        refusal: RequestRefusedError | None = None
        prospects = []
        for kind in kinds_of(request, configs.values(), template):
            try:
                prospects.append(self._prospect(request, kind, configs, template))
            except RequestRefusedError as error:
                refusal = refusal or error
                prospects.append(_refused(kind, error))
        return Rehearsal(prospects, refusal or _nobody(request, prospects))

    def _prospect(
        self,
        request: NotificationRequest,
        kind: str,
        configs: Configs,
        template: CompiledTemplate | None,
    ) -> Prospect:
        config = configs.get(kind)
        code = reason_to_skip(kind, config, template)
        if code or config is None:
            return _skipped(kind, code, config)
        message_id = new_message_id()
        text = text_of(request, message_id, config, template)
        wire = _wire(config, message_id, text, request.metadata)
        said = Prospect(kind, Verdict.SEND, text=text, wire=wire)
        return self._judged(said, request, config)

    def _judged(
        self, said: Prospect, request: NotificationRequest, config: UserConfig
    ) -> Prospect:
        """Put in what keeps a message from going out at once, the worst first."""
        first = self._first(request, config.channel_type)
        if first:
            reason = _("The first under this dedupe_key stands for it.")
            changed = replace(said, verdict=Verdict.SKIP, first_message_id=first)
            return replace(changed, code="deduplicated", reason=reason)
        if stored_secrets(config) is None:
            return _because(said, Verdict.FAIL, "config_unreadable")
        if said.wire is not None and said.wire.code:
            return replace(
                said,
                verdict=Verdict.FAIL,
                code=said.wire.code,
                reason=said.wire.title,
                remedy=said.wire.remedy,
            )
        return _timed(said, request, self._holds.get(config.pk))

    def _first(self, request: NotificationRequest, kind: str) -> str:
        """Return the message id of what a repeated one would be counted on."""
        if request.window is None:
            return ""
        windows = DedupeWindow.objects.filter(
            client=self._client,
            user_id=request.user_id,
            channel_type=kind,
            key=request.window.key,
            expires_at__gt=Now(),
        )
        return windows.values_list("message_id", flat=True).first() or ""


def _timed(said: Prospect, request: NotificationRequest, hold: Hold | None) -> Prospect:
    present = timezone.now()
    if request.expires_at and request.expires_at <= present:
        return _because(said, Verdict.SKIP, "expired")
    if request.send_at and request.send_at > present:
        reason = _("It is planned for send_at.")
        planned = replace(said, verdict=Verdict.WAIT, until=request.send_at)
        return replace(planned, code="scheduled", reason=reason)
    if hold is not None:
        return replace(_because(said, Verdict.WAIT, hold.code), until=hold.until)
    return said


def _because(said: Prospect, verdict: Verdict, code: str) -> Prospect:
    known = ENGINE_ERRORS[code]
    remedy = tuple(str(step) for step in known.remedy)
    return replace(
        said, verdict=verdict, code=code, reason=str(known.title), remedy=remedy
    )


def _skipped(kind: str, code: str, config: UserConfig | None) -> Prospect:
    skipped = _because(Prospect(kind, Verdict.SKIP), Verdict.SKIP, code)
    if code == "channel_disabled" and config is not None and config.disabled_reason:
        return replace(skipped, reason=f"{skipped.reason}: {config.disabled_reason}")
    return skipped


def _refused(kind: str, error: RequestRefusedError) -> Prospect:
    said, hint = str(error.message), str(error.hint)
    return Prospect(kind, Verdict.FAIL, code=error.code, reason=said, remedy=(hint,))


def _nobody(
    request: NotificationRequest, prospects: Iterable[Prospect]
) -> RequestRefusedError | None:
    """Return the refusal of a notification that has no channel left."""
    left_out = {
        one.channel_type: "" if one.text is not None else one.code for one in prospects
    }
    try:
        refuse_nobody(request, left_out)
    except RequestRefusedError as error:
        return error
    return None


def _wire(
    config: UserConfig, message_id: str, text: Text, metadata: Mapping[str, Any]
) -> WirePreview:
    now = timezone.now()
    kind = ContentType(text.content_type)
    message = Message(message_id, text.subject, text.content, kind, now, now, metadata)
    wire = preview_message(config.channel_type, message, _masked(config))
    return replace(
        wire,
        urls=tuple(url.replace(STAND_IN, MASK) for url in wire.urls),
        bodies=tuple(b.replace(STAND_IN.encode(), MASK.encode()) for b in wire.bodies),
    )


def _masked(config: UserConfig) -> ConfigData:
    """Return a config without secrets from which a sender can build all the same."""
    secrets = stored_secrets(config) or dict.fromkeys(
        secret_fields(config.channel_type), ""
    )
    hidden = {name: _stand_in(mask(name, value)) for name, value in secrets.items()}
    return {**config.public_data, **hidden}


def _stand_in(masked: Any) -> Any:
    """Put letters, which any form of a secret takes, where a mask has stars."""
    if isinstance(masked, Mapping):
        return {name: _stand_in(part) for name, part in masked.items()}
    return masked.replace(MASK, STAND_IN) if isinstance(masked, str) else masked


def _closed_door() -> RequestRefusedError | None:
    try:
        refuse_when_closed()
    except RequestRefusedError as error:
        return error
    return None


def _used_keys(
    client: ApiClient, requests: Iterable[NotificationRequest]
) -> frozenset[tuple[str, str | None]]:
    keys = [(r.user_id, r.idempotency_key) for r in requests if r.idempotency_key]
    return frozenset(first_answers(client_id=client.pk, keys=keys) if keys else ())
