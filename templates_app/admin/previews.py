"""What a template would say with its sample values, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from templates_app.models import NotificationTemplate
from templates_app.refusals import TemplateRefusal
from templates_app.selectors import compiled_template


@dataclass(frozen=True)
class Preview:
    """One channel's message, or why there is none."""

    channel_type: str
    content_type: str = ""
    subject: str = ""
    content: str = ""
    missing: str = ""
    problem: str = ""


def previews(template: NotificationTemplate) -> list[Preview]:
    """Render every content; an inactive template has none, as nobody can send it."""
    if not template.is_active:
        return []
    values = {**template.sample_variables, **_always_there()}
    channels = template.contents.values_list("channel_type", flat=True)
    return [_preview(template.template_key, channel, values) for channel in channels]


def _always_there() -> Mapping[str, object]:
    return {
        "_timestamp": timezone.now().isoformat(timespec="seconds"),
        "_message_id": "01920000-0000-7000-8000-000000000000",
        "_user_id": _("user"),
    }


def _preview(key: str, channel: str, values: Mapping[str, object]) -> Preview:
    try:
        done = compiled_template(key).render(channel, values)
    except TemplateRefusal as refusal:
        return Preview(channel, problem=f"{refusal.message} {refusal.remedy}")
    return Preview(
        channel_type=channel,
        content_type=done.content_type,
        subject=done.subject,
        content=done.content,
        missing=", ".join(done.missing),
    )
