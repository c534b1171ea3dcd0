"""What callers of the template API send, read with types, lengths and ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from templates_app.formats.registry import FORMATS
from templates_app.models.template import KEY_PATTERN
from templates_app.refusals import TemplateNotFound
from templates_app.services import TemplateFields

MOST_ROWS = 1_000
MOST_OFFSET = 1_000_000
CHANNEL_TYPES = tuple(FORMATS)


class ListQuery(serializers.Serializer[dict[str, Any]]):
    """The query of a list of templates."""

    include_inactive = serializers.BooleanField(default=False)
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_ROWS, default=MOST_ROWS
    )
    offset = serializers.IntegerField(min_value=0, max_value=MOST_OFFSET, default=0)


class SaveBody(serializers.Serializer[dict[str, Any]]):
    """The parts of a template that are no content of it; the rest is validated whole."""

    is_active = serializers.BooleanField(default=True)
    note = serializers.CharField(default="", allow_blank=True, max_length=1000)


def list_query(request: Request) -> dict[str, Any]:
    """Return include_inactive, limit and offset; empty ones are the defaults."""
    given = {name: text for name, text in request.query_params.items() if text != ""}
    return _checked(ListQuery(data=given))


def key_in_query(request: Request) -> str | None:
    return request.query_params.get("key") or None


def required_key(request: Request) -> str:
    """Return the key in the query, or refuse."""
    key = key_in_query(request)
    if key is None:
        raise serializers.ValidationError(
            {"key": [_("Name the template: /api/templates/KEY or ?key=KEY.")]}
        )
    return key


def known_form_of(key: str) -> str:
    """Return the key if a template could have it; no other may reach the database."""
    if not re.match(KEY_PATTERN, key):
        raise TemplateNotFound(key)
    return key


def template_fields(request: Request, key: str | None) -> TemplateFields:
    """Return the template in a body; `key` is the one in the address."""
    body = body_of(request)
    checked = _checked(SaveBody(data=_given(body, ("is_active", "note"))))
    fields: TemplateFields = {
        "key": key if key is not None else body.get("key", body.get("template_key")),
        "name": body.get("name", body.get("template_name")),
        "contents": body.get("contents"),
        "author": author_of(request),
        "is_active": checked["is_active"],
        "note": checked["note"],
        "channel_types": CHANNEL_TYPES,
    }
    if "description" in body:
        fields["description"] = body["description"]
    if "variables" in body:
        fields["variables"] = body["variables"]
    if "undefined" in body:
        fields["undefined"] = body["undefined"]
    if "sample_variables" in body:
        fields["sample_variables"] = body["sample_variables"]
    return fields


def body_of(request: Request) -> Mapping[str, Any]:
    """Return the JSON object in the body; an empty one where there is no body."""
    return request.data if isinstance(request.data, dict) else {}


def author_of(request: Request) -> str:
    """Return who saves: the key id of the client that signed."""
    client = getattr(request.user, "client", None)
    return f"API: {getattr(client, 'key_id', '?')}"


def _given(body: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: body[name] for name in names if body.get(name) is not None}


def _checked(serializer: serializers.Serializer[dict[str, Any]]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
