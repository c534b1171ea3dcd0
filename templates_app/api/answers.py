"""How templates and what is wrong with them look in the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from templates_app.engine.problems import Problem
from templates_app.models import NotificationTemplate
from templates_app.refusals import TemplateNotFound


class TemplateView(APIView):
    """A view of templates: one that its address names and nobody has is not found."""

    required_scope = "templates"

    def handle_exception(self, exc: Exception) -> Response:
        missing = isinstance(exc, TemplateNotFound)
        return super().handle_exception(NotFound() if missing else exc)


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
