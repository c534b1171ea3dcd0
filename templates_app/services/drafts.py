"""A template as somebody wants it to be, before it is known to be valid."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NotRequired, Required, TypedDict

from templates_app.models import (
    NotificationTemplate,
    TemplateContent,
    UndefinedPolicy,
)


class TemplateFields(TypedDict, total=False):
    """What `save_template` takes; everything but key, name and contents is optional.

    `contents` maps a channel type to content_type ("text" if absent),
    subject_template, and content_template: a string or, for JSON, an object or a list.
    `channel_types` names the channels that exist; empty means any.
    """

    key: Required[object]
    name: Required[object]
    contents: Required[object]
    author: Required[str]
    description: object
    variables: object
    note: str
    undefined: object
    is_active: bool
    sample_variables: object
    channel_types: Collection[str]


class ContentFields(TypedDict):
    """What `save_content` takes: one channel's content, as in TemplateFields."""

    key: str
    channel_type: str
    content_template: object
    author: str
    content_type: NotRequired[object]
    subject_template: NotRequired[object]
    note: NotRequired[str]
    channel_types: NotRequired[Collection[str]]


@dataclass(frozen=True)
class TemplateDraft:
    """A template's wanted state; the objects are as a caller sent them."""

    key: object
    name: object
    contents: object
    description: object = ""
    variables: object = field(default_factory=list)
    undefined: object = UndefinedPolicy.KEEP.value
    is_active: bool = True
    sample_variables: object = field(default_factory=dict)


def draft_of(fields: TemplateFields) -> TemplateDraft:
    """Take the draft out of the arguments of `save_template`."""
    return TemplateDraft(
        key=fields["key"],
        name=fields["name"],
        contents=fields["contents"],
        description=fields.get("description") or "",
        variables=_or(fields.get("variables"), []),
        undefined=_or(fields.get("undefined"), UndefinedPolicy.KEEP.value),
        is_active=fields.get("is_active", True),
        sample_variables=_or(fields.get("sample_variables"), {}),
    )


def draft_from(template: NotificationTemplate) -> TemplateDraft:
    """Take the present state of a template as a draft."""
    return TemplateDraft(
        key=template.template_key,
        name=template.template_name,
        contents={row.channel_type: row_fields(row) for row in template.contents.all()},
        description=template.description,
        variables=template.variables,
        undefined=template.undefined,
        is_active=template.is_active,
        sample_variables=template.sample_variables,
    )


def row_fields(row: TemplateContent) -> dict[str, str]:
    """Give one stored content in the shape that callers send."""
    return {
        "content_type": row.content_type,
        "subject_template": row.subject_template,
        "content_template": row.content_template,
    }


def _or(value: object, fallback: object) -> object:
    return fallback if value is None else value
