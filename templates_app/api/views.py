"""The API of templates: list, show, save, take out of use."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from templates_app.api import schema
from templates_app.api.answers import (
    TemplateView,
    content_rows,
    problem_rows,
    template_row,
)
from templates_app.api.inputs import (
    CHANNEL_TYPES,
    author_of,
    body_of,
    key_in_query,
    known_form_of,
    list_query,
    required_key,
    template_fields,
)
from templates_app.selectors import (
    template_count,
    template_detail,
    templates,
)
from templates_app.services import (
    SavedTemplate,
    deactivate_template,
    save_content,
    save_template,
)


class TemplatesView(TemplateView):
    """`/api/templates`, with `?key=K` for one of them."""

    @extend_schema(
        operation_id="list_templates",
        summary="List templates, or show one",
        parameters=schema.LIST_QUERY,
        responses=schema.LIST_OR_ONE,
    )
    def get(self, request: Request) -> Response:
        key = key_in_query(request)
        return _list(request) if key is None else _shown(key)

    @extend_schema(
        operation_id="save_template",
        summary="Create or replace a template",
        parameters=[schema.KEY],
        request=schema.SAVE_BODY,
        responses=schema.SAVED,
    )
    def post(self, request: Request) -> Response:
        return _saved(save_template(**template_fields(request, key_in_query(request))))

    @extend_schema(
        operation_id="replace_template",
        summary="Create or replace a template",
        parameters=[schema.KEY],
        request=schema.SAVE_BODY,
        responses=schema.SAVED,
    )
    def put(self, request: Request) -> Response:
        return self.post(request)

    @extend_schema(
        operation_id="delete_template",
        summary="Take a template out of use",
        parameters=[schema.KEY],
        responses=schema.DELETED,
    )
    def delete(self, request: Request) -> Response:
        return _deactivated(required_key(request))


class OneTemplateView(TemplateView):
    """`/api/templates/K`."""

    @extend_schema(
        operation_id="get_template_by_key",
        summary="Show a template",
        responses=schema.ONE,
    )
    def get(self, request: Request, key: str) -> Response:
        return _shown(key)

    @extend_schema(
        operation_id="save_template_by_key",
        summary="Create or replace a template",
        request=schema.SAVE_BODY,
        responses=schema.SAVED,
    )
    def post(self, request: Request, key: str) -> Response:
        return _saved(save_template(**template_fields(request, key)))

    @extend_schema(
        operation_id="replace_template_by_key",
        summary="Create or replace a template",
        request=schema.SAVE_BODY,
        responses=schema.SAVED,
    )
    def put(self, request: Request, key: str) -> Response:
        return self.post(request, key)

    @extend_schema(
        operation_id="delete_template_by_key",
        summary="Take a template out of use",
        responses=schema.DELETED,
    )
    def delete(self, request: Request, key: str) -> Response:
        return _deactivated(key)


class TemplateContentView(TemplateView):
    """`/api/templates/K/contents/{channel}`."""

    @extend_schema(
        operation_id="save_template_content",
        summary="Add or replace what a template says on one channel",
        request=schema.CONTENT_BODY,
        responses=schema.SAVED_CONTENT,
    )
    def post(self, request: Request, key: str, channel: str) -> Response:
        body = body_of(request)
        saved = save_content(
            key=known_form_of(key),
            channel_type=channel,
            content_type=body.get("content_type"),
            subject_template=body.get("subject_template"),
            content_template=body.get("content_template"),
            author=author_of(request),
            channel_types=CHANNEL_TYPES,
        )
        return _saved(saved)

    @extend_schema(
        operation_id="replace_template_content",
        summary="Add or replace what a template says on one channel",
        request=schema.CONTENT_BODY,
        responses=schema.SAVED_CONTENT,
    )
    def put(self, request: Request, key: str, channel: str) -> Response:
        return self.post(request, key, channel)


def _list(request: Request) -> Response:
    query = list_query(request)
    found = templates(**query)
    total = template_count(include_inactive=query["include_inactive"])
    return Response(
        {
            "success": True,
            "data": [template_row(template) for template in found],
            "meta": {
                "total": total,
                "limit": query["limit"],
                "offset": query["offset"],
            },
        }
    )


def _shown(key: str) -> Response:
    template = template_detail(key=known_form_of(key))
    data = {"template": template_row(template), "contents": content_rows(template)}
    return Response({"success": True, "data": data})


def _saved(saved: SavedTemplate) -> Response:
    created, updated = _("The template was created."), _("The template was updated.")
    body = {
        "success": True,
        "message": created if saved.created else updated,
        "warnings": problem_rows(saved.warnings),
        "data": {
            "template_key": saved.template.template_key,
            "version": saved.template.version,
        },
    }
    return Response(body)


def _deactivated(key: str) -> Response:
    deactivate_template(key=known_form_of(key))
    message = _("The template is out of use; its versions are kept.")
    return Response({"success": True, "message": message})
