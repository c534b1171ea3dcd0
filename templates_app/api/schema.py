"""The OpenAPI description of templates."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from templates_app.engine.budget import MissingPolicy
from templates_app.formats.registry import FORMATS
from templates_app.json_schema import (
    BOOLEAN,
    INTEGER,
    STRING,
    TIME,
    Schema,
    list_of,
    or_null,
    record,
)

_CHANNEL: Schema = {"enum": sorted(FORMATS)}
_POLICY: Schema = {
    "enum": [policy.value for policy in MissingPolicy],
    "description": "What becomes of a name without a value.",
}
_CONTENT_TYPE: Schema = {"enum": ["text", "markdown", "html", "json"]}


def _success(description: str, **properties: Schema) -> OpenApiResponse:
    return OpenApiResponse(record(success={"const": True}, **properties), description)


def _json(schema: Schema) -> Schema:
    return {"application/json": schema}


_VARIABLE: Schema = {
    "oneOf": [STRING, {"type": "object", "additionalProperties": True}],
    "description": "A name, or an object with name, type, default, description.",
}
TEMPLATE = record(
    template_key=STRING,
    template_name=STRING,
    description=STRING,
    variables=list_of(_VARIABLE),
    is_active=BOOLEAN,
    supported_channels=list_of(_CHANNEL),
    version=INTEGER,
    undefined=_POLICY,
    sample_variables={"type": "object", "additionalProperties": True},
    created_at=TIME,
    updated_at=TIME,
)
PROBLEM = record(
    severity={"enum": ["error", "warning"]},
    code=STRING,
    where={**STRING, "description": "A JSON pointer into the template."},
    channel=or_null(STRING),
    field=or_null(STRING),
    line=or_null(INTEGER),
    column=or_null(INTEGER),
    message=STRING,
    remedy=STRING,
)
_CONTENT = record(
    channel_type=_CHANNEL,
    content_type=_CONTENT_TYPE,
    subject_template=STRING,
    content_template=STRING,
)
_META = record(total=INTEGER, limit=INTEGER, offset=INTEGER)
_DETAIL = record(template=TEMPLATE, contents=list_of(_CONTENT))
_SAVED = _success(
    "Saved as a new version.",
    message=STRING,
    warnings=list_of(PROBLEM),
    data=record(template_key=STRING, version=INTEGER),
)
_CONTENT_BODY: Schema = {
    "type": "object",
    "properties": {
        "content_type": {**_CONTENT_TYPE, "default": "text"},
        "subject_template": or_null(STRING),
        "content_template": {
            "oneOf": [STRING, {"type": "object", "additionalProperties": True}],
            "description": "A text or, for the content type json, an object.",
        },
    },
    "required": ["content_template"],
}
_SAVE_BODY: Schema = {
    "type": "object",
    "properties": {
        "key": {**STRING, "description": "Where the address does not name it."},
        "name": {**STRING, "description": "Also: template_name."},
        "description": STRING,
        "variables": list_of(_VARIABLE),
        "contents": {
            "type": "object",
            "additionalProperties": _CONTENT_BODY,
            "description": "By channel type.",
        },
        "is_active": {**BOOLEAN, "default": True},
        "undefined": _POLICY,
        "sample_variables": {"type": "object", "additionalProperties": True},
        "note": {**STRING, "maxLength": 1000, "description": "Kept with the version."},
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
                record(success={"const": True}, data=list_of(TEMPLATE), meta=_META),
                record(success={"const": True}, data=_DETAIL),
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
    200: _success("It is out of use; its versions are kept.", message=STRING),
    404: OpenApiResponse(description="There is no such template."),
}
SAVE_BODY = _json(_SAVE_BODY)
CONTENT_BODY = _json(_CONTENT_BODY)
