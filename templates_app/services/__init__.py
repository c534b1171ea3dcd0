"""Saves, deactivates and renders templates: what other apps call."""

from templates_app.refusals import (
    ContentMissing,
    RenderRefused,
    TemplateInvalid,
    TemplateNotFound,
    TemplateRefusal,
)
from templates_app.selectors import RenderedContent
from templates_app.services.drafts import TemplateDraft, TemplateFields
from templates_app.services.rendering import render_template
from templates_app.services.saving import (
    SavedTemplate,
    deactivate_template,
    save_content,
    save_template,
)
from templates_app.services.validation import Validated, validate_template

__all__ = [
    "ContentMissing",
    "RenderRefused",
    "RenderedContent",
    "SavedTemplate",
    "TemplateDraft",
    "TemplateFields",
    "TemplateInvalid",
    "TemplateNotFound",
    "TemplateRefusal",
    "Validated",
    "deactivate_template",
    "render_template",
    "save_content",
    "save_template",
    "validate_template",
]
