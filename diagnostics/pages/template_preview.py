"""The live preview beside the template editor: a draft in, drawings and problems out."""

import json
from collections.abc import Mapping

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diagnostics.services.template_previews import preview_template
from templates_app.engine.problems import Problem, error
from templates_app.services import TemplateDraft

PERMISSIONS = (
    "templates_app.view_notificationtemplate",
    "templates_app.add_notificationtemplate",
    "templates_app.change_notificationtemplate",
)


@staff_member_required
@require_POST
def template_preview(request: HttpRequest) -> JsonResponse:
    """Answer `{"html", "problems"}` for a draft as JSON; stores and sends nothing.

    The body has key, name, contents, variables, undefined and, as its author typed
    them, sample_variables. 400 for a body that is not a JSON object.
    """
    if not any(map(request.user.has_perm, PERMISSIONS)):
        raise PermissionDenied
    fields = _fields(request)
    if fields is None:
        return JsonResponse({"error": _("This is not a draft.")}, status=400)
    samples, problems = _samples(fields.get("sample_variables"))
    shown = preview_template(_draft(fields, samples))
    problems.extend(shown.problems)
    html = render_to_string("previews/live.html", {"preview": shown})
    found = [problem.as_dict() for problem in problems]
    return JsonResponse({"html": html, "problems": found})


def _fields(request: HttpRequest) -> Mapping[str, object] | None:
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _draft(fields: Mapping[str, object], samples: object) -> TemplateDraft:
    return TemplateDraft(
        key=fields.get("key"),
        name=fields.get("name"),
        contents=fields.get("contents"),
        variables=fields.get("variables"),
        undefined=fields.get("undefined"),
        sample_variables=samples,
    )


def _samples(typed: object) -> tuple[object, list[Problem]]:
    """Read the sample values as they are typed; half a value is no reason to stop."""
    if not isinstance(typed, str) or not typed.strip():
        return typed or {}, []
    try:
        return json.loads(typed), []
    except (ValueError, RecursionError):
        return {}, [
            error(
                "sample_variables_invalid",
                _("The sample values are not valid JSON."),
                _('Write an object such as {"name": "Zoë"}.'),
                "/sample_variables",
            )
        ]
