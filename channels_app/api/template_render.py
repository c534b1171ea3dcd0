"""The API that shows what each channel of a template would send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.wire_rows import METER, OF_REQUEST, meter_rows, request_rows
from channels_app.models import Scope
from channels_app.services.template_renders import ChannelRender, render_channel
from channels_app.services.wire_previews import WirePreview
from templates_app.engine.values import clean_value
from templates_app.json_schema import (
    INTEGER,
    OBJECT,
    STRING,
    by_name,
    list_of,
    or_null,
    record,
)
from templates_app.refusals import RenderRefused, TemplateNotFound
from templates_app.selectors import CompiledTemplate, compiled_template
from templates_app.services.draft_previews import SAMPLE_MESSAGE_ID, SAMPLE_USER

_REFUSAL = record(code=STRING, title=STRING, remedy=list_of(STRING))
_ERROR = record(
    channel=STRING,
    problem=STRING,
    message=STRING,
    remedy=STRING,
    line=or_null(INTEGER),
    column=or_null(INTEGER),
)
_RENDERED = record(
    subject=STRING,
    content=STRING,
    content_type=STRING,
    warnings=list_of(STRING),
    requests=list_of(record(**OF_REQUEST)),
    meters=list_of(METER),
    refusal=or_null(_REFUSAL),
)
_CHANNEL = {"oneOf": [_RENDERED, record(error=_ERROR)]}
_DATA = record(
    template_key=STRING,
    version=INTEGER,
    channels=by_name(_CHANNEL),
)
_BODY = schema.body(
    channel={**or_null(STRING), "description": "All, if left out."},
    variables=OBJECT,
)


class RenderBody(serializers.Serializer[dict[str, Any]]):
    """What to render: with which values, for which channel."""

    channel = serializers.CharField(required=False, allow_null=True, max_length=20)
    variables = serializers.DictField(default=dict)


class TemplateRenderView(APIView):
    """`/api/templates/K/render`."""

    required_scope = Scope.TEMPLATES

    @extend_schema(
        operation_id="render_template",
        summary="Show what each channel would send; sends nothing",
        request=_BODY,
        responses=schema.answers({"data": _DATA}, 404),
    )
    def post(self, request: Request, key: str) -> Response:
        """Render for sample channel configs and build the requests, byte for byte."""
        channel, values = _render_body(request)
        try:
            template = compiled_template(key)
        except TemplateNotFound as missing:
            raise NotFound from missing
        rendered = (
            _by_channel(template, values)
            if channel is None
            else {channel: _row(render_channel(template, channel, values))}
        )
        data = {"template_key": key, "version": template.version, "channels": rendered}
        return Response({"success": True, "data": data})


def _by_channel(
    template: CompiledTemplate, values: Mapping[str, object]
) -> dict[str, Any]:
    """Render every channel; one that cannot be says why and spoils no other."""
    rows: dict[str, Any] = {}
    for channel in template.channels:
        try:
            rows[channel] = _row(render_channel(template, channel, values))
        except RenderRefused as refusal:
            rows[channel] = {"error": _error(refusal)}
    return rows


def _row(rendered: ChannelRender) -> dict[str, Any]:
    content, wire = rendered.content, rendered.wire
    return {
        "subject": content.subject,
        "content": content.content,
        "content_type": content.content_type,
        "warnings": [
            _("“%(name)s” has no value; it stays as it is written.") % {"name": name}
            for name in content.missing
        ],
        "requests": request_rows(wire),
        "meters": meter_rows(wire),
        "refusal": _refusal(wire),
    }


def _refusal(wire: WirePreview) -> dict[str, Any] | None:
    if not wire.code:
        return None
    return {"code": wire.code, "title": wire.title, "remedy": list(wire.remedy)}


def _error(refusal: RenderRefused) -> dict[str, Any]:
    return {
        "channel": refusal.channel_type,
        "problem": refusal.code,
        "message": refusal.message,
        "remedy": refusal.remedy,
        "line": refusal.line,
        "column": refusal.column,
    }


def _render_body(request: Request) -> tuple[str | None, dict[str, Any]]:
    """Return the channel, None for all, and the values with those always there."""
    body = request.data if isinstance(request.data, dict) else {}
    names = ("channel", "variables")
    given = {name: body[name] for name in names if body.get(name) is not None}
    checked = RenderBody(data=given)
    checked.is_valid(raise_exception=True)
    variables = clean_value(dict(checked.validated_data["variables"]))
    always = {
        "_timestamp": timezone.now().isoformat(timespec="seconds"),
        "_message_id": SAMPLE_MESSAGE_ID,
        "_user_id": SAMPLE_USER,
    }
    own = variables if isinstance(variables, dict) else {}
    return checked.validated_data.get("channel") or None, {**always, **own}
