"""How templates and what is wrong with them look in the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from templates_app.engine.problems import Problem
from templates_app.models import NotificationTemplate
from templates_app.refusals import RenderRefused, TemplateNotFound
from templates_app.selectors import RenderedContent


class TemplateView(APIView):
    """A view of templates: one that its address names and nobody has is not found."""

    required_scope = "templates"

    def handle_exception(self, exc: Exception) -> Response:
        missing = isinstance(exc, TemplateNotFound)
        return super().handle_exception(NotFound() if missing else exc)


def render_error(refusal: RenderRefused) -> dict[str, Any]:
    """Return where and why a channel's content cannot be rendered."""
    return {
        "channel": refusal.channel_type,
        "problem": refusal.code,
        "message": refusal.message,
        "remedy": refusal.remedy,
        "line": refusal.line,
        "column": refusal.column,
    }


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, str | int | None]]:
    return [problem.as_dict() for problem in problems]


def template_row(template: NotificationTemplate) -> dict[str, Any]:
    """Return a template, its contents loaded, as a list shows it."""
    return {
        "template_key": template.template_key,
        "template_name": template.template_name,
        "description": template.description,
        "variables": template.variables,
        "is_active": template.is_active,
        "supported_channels": [row["channel_type"] for row in content_rows(template)],
        "version": template.version,
        "undefined": template.undefined,
        "sample_variables": template.sample_variables,
        "created_at": template.created_at,
        "updated_at": template.updated_at,
    }


def content_rows(template: NotificationTemplate) -> list[dict[str, str]]:
    """Return what a template says, by channel."""
    return [
        {
            "channel_type": row.channel_type,
            "content_type": row.content_type,
            "subject_template": row.subject_template,
            "content_template": row.content_template,
        }
        for row in template.contents.all()
    ]


def rendered_row(rendered: RenderedContent) -> dict[str, Any]:
    """Return what one channel would send, and what is worth a second look."""
    return {
        "subject": rendered.subject,
        "content": rendered.content,
        "content_type": rendered.content_type,
        "warnings": [
            _("“%(name)s” has no value; it stays as it is written.") % {"name": name}
            for name in rendered.missing
        ],
    }
