"""How templates, their warnings and their refusals look in the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from templates_app.engine.problems import Problem
from templates_app.models import NotificationTemplate
from templates_app.refusals import (
    ContentMissing,
    RenderRefused,
    TemplateInvalid,
    TemplateNotFound,
    TemplateRefusal,
)
from templates_app.selectors import RenderedContent

# Refusals by their HTTP status and the code that callers know.
_KINDS: Mapping[type[TemplateRefusal], tuple[int, str]] = {
    TemplateInvalid: (400, "INVALID_PARAMETER"),
    TemplateNotFound: (404, "NOT_FOUND"),
    ContentMissing: (400, "MISSING_CONTENT"),
    RenderRefused: (400, "TEMPLATE_RENDER_ERROR"),
}


class TemplateView(APIView):
    """A view whose refusals about templates become answers with all their details."""

    required_scope = "templates"

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, TemplateRefusal):
            return refusal_answer(exc, self.request)
        return super().handle_exception(exc)


def refusal_answer(refusal: TemplateRefusal, request: Request) -> Response:
    """Return the envelope of a refusal."""
    status, code = _KINDS.get(type(refusal), (400, "INVALID_REQUEST"))
    body = {
        "success": False,
        "error": _sentence(refusal),
        "code": code,
        "hint": refusal.remedy,
        "request_id": str(request.META.get("HTTP_X_REQUEST_ID", "")),
    }
    details = _details(refusal)
    return Response({**body, "details": details} if details else body, status=status)


def _sentence(refusal: TemplateRefusal) -> str:
    if isinstance(refusal, TemplateInvalid) and refusal.problems:
        return f"{refusal.message} {refusal.problems[0].message}"
    return refusal.message


def _details(refusal: TemplateRefusal) -> dict[str, Any]:
    if isinstance(refusal, TemplateInvalid):
        return {"problems": problem_rows(refusal.problems)}
    if isinstance(refusal, RenderRefused):
        return render_error(refusal)
    return {}


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
