"""What an accepted request becomes: one delivery for each channel it goes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from channels_app.delivery.errors import ENGINE_ERRORS
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.routes import Route
from channels_app.models import Guarantee, Status, UserConfig
from channels_app.models.ids import new_message_id
from channels_app.selectors.switches import is_on
from channels_app.senders.registry import SENDERS
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest
from templates_app.selectors import CompiledTemplate, compiled_template
from templates_app.services import RenderRefused, TemplateNotFound


@dataclass(frozen=True)
class Envelope:
    """Who asks for what, under which request id; `is_test` marks a trial."""

    client_id: int
    request_id: str
    request: NotificationRequest
    is_test: bool = False


@dataclass(frozen=True)
class Text:
    """What one channel is to be told."""

    subject: str
    content: str
    content_type: str
    template_version: int | None = None
    missing: tuple[str, ...] = ()


class TemplatesAtOnce:
    """The templates of one request or batch, each looked up once."""

    def __init__(self) -> None:
        self._found: dict[str, CompiledTemplate] = {}

    def named(self, key: str) -> CompiledTemplate:
        """Return a template. Raises TemplateNotFound."""
        if key not in self._found:
            self._found[key] = compiled_template(key, is_remembered=is_on("cache"))
        return self._found[key]


def plan_deliveries(
    envelope: Envelope,
    configs: Mapping[str, Route],
    templates: TemplatesAtOnce,
) -> list[NewDelivery]:
    """Return the deliveries of a request; some may have failed before they began.

    `configs` are those of its user, by channel.

    Raises RequestRefusedError with INVALID_CHANNEL_TYPE, TEMPLATE_NOT_FOUND,
    TEMPLATE_RENDER_ERROR, MISSING_CONTENT or USER_NO_CHANNELS.
    """
    request = envelope.request
    refuse_unknown_kinds(request.channels or ())
    template = template_of(request, templates)
    plans = [
        plan_one(envelope, kind, configs.get(kind), template)
        for kind in kinds_of(request, configs.values(), template)
    ]
    refuse_nobody(request, {plan.channel_type: plan.error_code for plan in plans})
    return plans


def refuse_unknown_kinds(kinds: Iterable[str]) -> None:
    unknown = [kind for kind in kinds if kind not in SENDERS]
    if unknown:
        raise RequestRefusedError(
            "INVALID_CHANNEL_TYPE",
            _("There is no channel “%(kind)s”.") % {"kind": unknown[0]},
            details={"unknown": unknown, "known": sorted(SENDERS)},
        )


def template_of(
    request: NotificationRequest, templates: TemplatesAtOnce
) -> CompiledTemplate | None:
    if request.template_key is None:
        if request.content is None:
            raise RequestRefusedError("MISSING_CONTENT")
        return None
    try:
        return templates.named(request.template_key)
    except TemplateNotFound as error:
        raise RequestRefusedError(
            "TEMPLATE_NOT_FOUND", details={"template_key": request.template_key}
        ) from error


def kinds_of(
    request: NotificationRequest,
    configs: Iterable[UserConfig | Route],
    template: CompiledTemplate | None,
) -> list[str]:
    """Return the channels asked for, or all active ones that there is a text for."""
    if request.channels is not None:
        return list(request.channels)
    return [
        config.channel_type
        for config in configs
        if config.is_active
        and (template is None or template.has_content(config.channel_type))
    ]


def plan_one(
    envelope: Envelope,
    kind: str,
    config: Route | None,
    template: CompiledTemplate | None,
) -> NewDelivery:
    """Return a channel's delivery. Raises TEMPLATE_RENDER_ERROR."""
    message_id = new_message_id()
    error_code = reason_to_skip(kind, config, template)
    if error_code or config is None:
        return _delivery(envelope, message_id, kind, config, None, error_code)
    text = text_of(envelope.request, message_id, config, template)
    return _delivery(envelope, message_id, kind, config, text, "")


def reason_to_skip(
    kind: str,
    config: UserConfig | Route | None,
    template: CompiledTemplate | None,
) -> str:
    """Return the code of why nothing can go over a channel; empty when it can."""
    if config is None:
        return "channel_not_configured"
    if not config.is_active:
        return "channel_disabled"
    if template is not None and not template.has_content(kind):
        return "template_content_missing"
    return ""


def text_of(
    request: NotificationRequest,
    message_id: str,
    config: UserConfig | Route,
    template: CompiledTemplate | None,
) -> Text:
    """Return what a channel is told. Raises TEMPLATE_RENDER_ERROR."""
    if template is None:
        return Text(request.subject, request.content or "", request.content_type)
    values = {
        **request.variables,
        "_timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "_message_id": message_id,
        "_user_id": request.user_id,
    }
    try:
        rendered = template.render(config.channel_type, values, config.public_data)
    except RenderRefused as error:
        raise _render_refusal(config.channel_type, error) from error
    return Text(
        rendered.subject,
        rendered.content,
        rendered.content_type,
        template.version,
        rendered.missing,
    )


def _render_refusal(kind: str, error: RenderRefused) -> RequestRefusedError:
    return RequestRefusedError(
        "TEMPLATE_RENDER_ERROR",
        _("The template’s content for %(kind)s cannot be rendered: %(reason)s")
        % {"kind": kind, "reason": error.message},
        hint=error.remedy,
        details={"channel_type": kind, "code": error.code},
    )


def _delivery(
    envelope: Envelope,
    message_id: str,
    kind: str,
    config: Route | None,
    text: Text | None,
    error_code: str,
) -> NewDelivery:
    request = envelope.request
    destination = config.destination if config else ""
    return NewDelivery(
        message_id=message_id,
        request_id=envelope.request_id,
        client_id=envelope.client_id,
        config_id=config.pk if config else None,
        user_id=request.user_id,
        channel_type=kind,
        template_key=request.template_key or "",
        template_version=text.template_version if text else None,
        subject=text.subject if text else request.subject,
        content=text.content if text else request.content or "",
        content_type=text.content_type if text else "text",
        variables=request.variables,
        metadata=request.metadata,
        is_test=envelope.is_test,
        status=Status.FAILED if error_code else Status.PENDING,
        priority=request.priority,
        destination=destination,
        shard=int(destination[:2], 16) if destination else 0,
        guarantee=config.guarantee if config else Guarantee.AT_LEAST_ONCE,
        error_code=error_code,
        error=str(ENGINE_ERRORS[error_code].title) if error_code else "",
        send_at=request.send_at,
        expires_at=request.expires_at,
        ordering_key=request.ordering_key or "",
    )


def refuse_nobody(request: NotificationRequest, reasons: Mapping[str, str]) -> None:
    """Raise USER_NO_CHANNELS when each channel has a reason to be left out."""
    if not all(reasons.values()):
        return
    raise RequestRefusedError(
        "USER_NO_CHANNELS",
        _("User “%(user)s” has no active channel that this could go to.")
        % {"user": request.user_id},
        details={"channels": dict(reasons)},
    )
