"""Saves templates: validated first, then written with an immutable version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Unpack

from django.db import transaction
from django.utils import timezone

from templates_app.engine.problems import Problem
from templates_app.models import NotificationTemplate, TemplateContent, TemplateVersion
from templates_app.refusals import TemplateInvalid, TemplateNotFound
from templates_app.selectors import template_detail
from templates_app.services.drafts import (
    ContentFields,
    TemplateDraft,
    TemplateFields,
    draft_from,
    draft_of,
)
from templates_app.services.validation import CheckedTemplate, validate_template


@dataclass(frozen=True)
class SavedTemplate:
    """What was written, whether it is new, and what is worth a second look."""

    template: NotificationTemplate
    created: bool
    warnings: tuple[Problem, ...]


def save_template(**fields: Unpack[TemplateFields]) -> SavedTemplate:
    """Create or replace a template and its contents, as a new version.

    Takes key, name, description, variables, contents, author, note, undefined,
    is_active, sample_variables and channel_types; see TemplateFields for the shapes.
    Contents of channels that are not named are deleted. Raises TemplateInvalid with
    all problems; nothing is written then.
    """
    return save_draft(
        draft_of(fields),
        author=fields["author"],
        note=fields.get("note", ""),
        channel_types=fields.get("channel_types", ()),
    )


def save_draft(
    draft: TemplateDraft,
    *,
    author: str,
    note: str = "",
    channel_types: Collection[str] = (),
) -> SavedTemplate:
    """Save a template as a new version; what save_template says holds here."""
    validated = validate_template(draft, channel_types=channel_types)
    if validated.template is None:
        raise TemplateInvalid(validated.problems)
    template, created = _write(validated.template, author, note)
    return SavedTemplate(template, created, validated.warnings)


def save_content(**fields: Unpack[ContentFields]) -> SavedTemplate:
    """Add or replace one channel's content of a template, as a new version.

    Takes key, channel_type, content_type, subject_template, content_template, author,
    note and channel_types. Raises TemplateNotFound, or TemplateInvalid with all
    problems; nothing is written then.
    """
    with transaction.atomic():
        _lock(fields["key"])
        draft = draft_from(template_detail(key=fields["key"]))
        return save_draft(
            _with_content(draft, fields),
            author=fields["author"],
            note=fields.get("note", ""),
            channel_types=fields.get("channel_types", ()),
        )


def deactivate_template(*, key: str) -> NotificationTemplate:
    """Take a template out of use; it and its versions stay. Raises TemplateNotFound."""
    published = NotificationTemplate.objects.filter(template_key=key, version__gt=0)
    count = published.update(is_active=False, updated_at=timezone.now())
    if not count:
        raise TemplateNotFound(key)
    return NotificationTemplate.objects.get(template_key=key)


def _lock(key: str) -> None:
    """Hold the template's row until the transaction ends."""
    found = NotificationTemplate.objects.select_for_update().filter(template_key=key)
    if found.first() is None:
        raise TemplateNotFound(key)


def _with_content(draft: TemplateDraft, fields: ContentFields) -> TemplateDraft:
    present = draft.contents if isinstance(draft.contents, Mapping) else {}
    content = {
        "content_type": fields.get("content_type"),
        "subject_template": fields.get("subject_template"),
        "content_template": fields["content_template"],
    }
    return replace(draft, contents={**present, fields["channel_type"]: content})


def _write(
    checked: CheckedTemplate, author: str, note: str
) -> tuple[NotificationTemplate, bool]:
    with transaction.atomic():
        locked = NotificationTemplate.objects.select_for_update()
        template, created = locked.get_or_create(
            template_key=checked.key, defaults={"template_name": checked.name}
        )
        created = created or not template.version
        _write_template(template, checked)
        _write_contents(template, checked)
        TemplateVersion.objects.create(
            template=template,
            number=template.version,
            author=author[:200],
            note=note,
            snapshot=snapshot_of(checked),
        )
    return template, created


def _write_template(template: NotificationTemplate, checked: CheckedTemplate) -> None:
    template.template_name = checked.name
    template.description = checked.description
    template.variables = list(checked.variables)
    template.undefined = checked.undefined
    template.is_active = checked.is_active
    template.sample_variables = checked.sample_variables
    template.version += 1
    template.save()


def _write_contents(template: NotificationTemplate, checked: CheckedTemplate) -> None:
    kept = TemplateContent.objects.filter(template=template)
    kept.exclude(channel_type__in=checked.contents).delete()
    TemplateContent.objects.bulk_create(
        [
            TemplateContent(
                template=template,
                channel_type=channel,
                content_type=content.content_type,
                subject_template=content.subject,
                content_template=content.content,
            )
            for channel, content in checked.contents.items()
        ],
        update_conflicts=True,
        unique_fields=["template", "channel_type"],
        update_fields=["content_type", "subject_template", "content_template"],
    )


def snapshot_of(checked: CheckedTemplate) -> dict[str, object]:
    """Give the state that a version keeps."""
    return {
        "name": checked.name,
        "description": checked.description,
        "variables": list(checked.variables),
        "undefined": checked.undefined.value,
        "contents": [
            {
                "channel_type": channel,
                "content_type": content.content_type,
                "subject_template": content.subject,
                "content_template": content.content,
            }
            for channel, content in sorted(checked.contents.items())
        ],
    }
