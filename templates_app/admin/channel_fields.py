"""The fields of a template's form that each kind of channel has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets as unfold

from templates_app.formats.contract import TEXT
from templates_app.formats.registry import FORMATS, format_for
from templates_app.models import ContentType, NotificationTemplate
from templates_app.services import TemplateDraft
from templates_app.services.publishing import draft_to_edit

# The parts of a content in a problem's place, and their fields here.
PARTS = {
    "content_type": "content_type_",
    "subject_template": "subject_",
    "content_template": "content_",
}
CODE = {"class": "nt-code", "spellcheck": "false"}


def channel_sections(
    template: NotificationTemplate | None,
) -> list[tuple[str, dict[str, Any]]]:
    """Return a section per channel; those without content are folded."""
    contents = contents_of(draft_to_edit(template) if template else None)
    return [
        (
            channel.capitalize(),
            {
                "fields": [f"{prefix}{channel}" for prefix in PARTS.values()],
                "classes": [] if channel in contents else ["collapse"],
            },
        )
        for channel in channels_of(contents)
    ]


def channels_of(contents: Iterable[str]) -> tuple[str, ...]:
    """Return the channels with a format, and those that there is a content for."""
    return tuple(dict.fromkeys([*FORMATS, *contents]))


def contents_of(draft: TemplateDraft | None) -> dict[str, Mapping[str, str]]:
    if draft is None or not isinstance(draft.contents, Mapping):
        return {}
    return dict(draft.contents)


def channel_fields(channel: str, content: Mapping[str, str]) -> dict[str, forms.Field]:
    taken = format_for(channel).content_types
    return {
        f"content_type_{channel}": forms.ChoiceField(
            label=_("Content type"),
            choices=[(v, label) for v, label in ContentType.choices if v in taken],
            initial=content.get("content_type", TEXT),
            widget=unfold.UnfoldAdminSelectWidget,
        ),
        f"subject_{channel}": forms.CharField(
            label=_("Subject"),
            required=False,
            initial=content.get("subject_template", ""),
            widget=unfold.UnfoldAdminTextInputWidget({**CODE}),
        ),
        f"content_{channel}": forms.CharField(
            label=_("Content"),
            required=False,
            strip=False,
            initial=content.get("content_template", ""),
            widget=unfold.UnfoldAdminTextareaWidget(
                {**CODE, "rows": 10, "data-editor": "content", "data-channel": channel}
            ),
            help_text=_("Empty: the template says nothing on this channel."),
        ),
    }
