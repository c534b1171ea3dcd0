"""The OpenAPI description of templates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from templates_app.engine.budget import MissingPolicy
from templates_app.formats.registry import FORMATS

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_CHANNEL: Schema = {"enum": sorted(FORMATS)}
_POLICY: Schema = {
    "enum": [policy.value for policy in MissingPolicy],
    "description": "What becomes of a name without a value.",
}
_CONTENT_TYPE: Schema = {"enum": ["text", "markdown", "html", "json"]}


def _record(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _success(description: str, **properties: Schema) -> OpenApiResponse:
    return OpenApiResponse(_record(success={"const": True}, **properties), description)


def _json(schema: Schema) -> Schema:
    return {"application/json": schema}


_VARIABLE: Schema = {
    "oneOf": [_TEXT, {"type": "object", "additionalProperties": True}],
    "description": "A name, or an object with name, type, default, description.",
}
TEMPLATE = _record(
    template_key=_TEXT,
    template_name=_TEXT,
    description=_TEXT,
    variables=_list_of(_VARIABLE),
    is_active=_FLAG,
    supported_channels=_list_of(_CHANNEL),
    version={"type": "integer"},
    undefined=_POLICY,
    sample_variables={"type": "object", "additionalProperties": True},
    created_at=_TIME,
    updated_at=_TIME,
)
PROBLEM = _record(
    severity={"enum": ["error", "warning"]},
    code=_TEXT,
    where={**_TEXT, "description": "A JSON pointer into the template."},
    channel=_or_null(_TEXT),
    field=_or_null(_TEXT),
    line=_or_null({"type": "integer"}),
    column=_or_null({"type": "integer"}),
    message=_TEXT,
    remedy=_TEXT,
)
_CONTENT = _record(
    channel_type=_CHANNEL,
    content_type=_CONTENT_TYPE,
    subject_template=_TEXT,
    content_template=_TEXT,
)
_META = _record(
    total={"type": "integer"}, limit={"type": "integer"}, offset={"type": "integer"}
)
_DETAIL = _record(template=TEMPLATE, contents=_list_of(_CONTENT))
_SAVED = _success(
    "Saved as a new version.",
    message=_TEXT,
    warnings=_list_of(PROBLEM),
    data=_record(template_key=_TEXT, version={"type": "integer"}),
)
_CONTENT_BODY: Schema = {
    "type": "object",
    "properties": {
        "content_type": {**_CONTENT_TYPE, "default": "text"},
        "subject_template": _or_null(_TEXT),
        "content_template": {
            "oneOf": [_TEXT, {"type": "object", "additionalProperties": True}],
            "description": "A text or, for the content type json, an object.",
        },
    },
    "required": ["content_template"],
}
_SAVE_BODY: Schema = {
    "type": "object",
    "properties": {
        "key": {**_TEXT, "description": "Where the address does not name it."},
        "name": {**_TEXT, "description": "Also: template_name."},
        "description": _TEXT,
        "variables": _list_of(_VARIABLE),
        "contents": {
            "type": "object",
            "additionalProperties": _CONTENT_BODY,
            "description": "By channel type.",
        },
        "is_active": {**_FLAG, "default": True},
        "undefined": _POLICY,
        "sample_variables": {"type": "object", "additionalProperties": True},
        "note": {**_TEXT, "maxLength": 1000, "description": "Kept with the version."},
    },
    "required": ["name", "contents"],
}

KEY = OpenApiParameter("key", str, description="One template by its key.")
LIST_QUERY = [
    KEY,
    OpenApiParameter("include_inactive", bool),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}
    ),
    OpenApiParameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
]
LIST_OR_ONE = {
    200: OpenApiResponse(
        {
            "oneOf": [
                _record(success={"const": True}, data=_list_of(TEMPLATE), meta=_META),
                _record(success={"const": True}, data=_DETAIL),
            ]
        },
        "The list or, with `key`, one template.",
    ),
    404: OpenApiResponse(description="There is no such template."),
}
ONE = {
    200: _success("The template.", data=_DETAIL),
    404: OpenApiResponse(description="There is no such template."),
}
SAVED = {200: _SAVED}
SAVED_CONTENT = {
    200: _SAVED,
    404: OpenApiResponse(description="There is no such template."),
}
DELETED = {
    200: _success("It is out of use; its versions are kept.", message=_TEXT),
    404: OpenApiResponse(description="There is no such template."),
}
SAVE_BODY = _json(_SAVE_BODY)
CONTENT_BODY = _json(_CONTENT_BODY)
