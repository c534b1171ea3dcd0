"""The OpenAPI description: the signature, the envelope, the send request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from channels_app.api.openapi.document import OneDocument
from templates_app.json_schema import (
    BOOLEAN,
    INTEGER,
    OBJECT,
    STRING,
    TIME,
    Schema,
    list_of,
)


class PublishedView(APIView):
    """Open to all, or with API_DOCS off not there for anybody."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.API_DOCS:
            raise NotFound
        super().initial(request, *args, **kwargs)


class SchemaView(PublishedView, SpectacularAPIView):
    """The description itself, for programs."""

    generator_class: Any = OneDocument
    authentication_classes = []
    permission_classes = [AllowAny]
    content_negotiation_class = DefaultContentNegotiation


class DocsView(PublishedView, SpectacularSwaggerSplitView):
    """The description as a page, all of it from this server."""

    authentication_classes = []
    permission_classes = [AllowAny]
    content_negotiation_class = DefaultContentNegotiation
    url_name = "api-schema"


class SignatureScheme(OpenApiAuthenticationExtension):
    """Tells the description what a signed request carries."""

    target_class = "channels_app.api.authentication.SignatureAuthentication"
    name = ["timestamp", "signature"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[Schema]:
        """Return one definition for each header."""
        return [
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-Timestamp",
                "description": "Now, in milliseconds since 1970: 13 digits.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-Signature",
                "description": (
                    "Lowercase hex of HMAC-SHA256 under the client's secret. The "
                    "message is the value of X-Timestamp directly followed by the raw "
                    "body (POST, PUT, PATCH) or by the path with its query (GET, "
                    "HEAD, DELETE). X-Key-Id names the client; without it, the "
                    "default client signs."
                ),
            },
        ]


ERROR: Schema = {
    "type": "object",
    "required": ["success", "error", "code", "hint", "request_id"],
    "properties": {
        "success": {"const": False},
        "error": {**STRING, "description": "One sentence for people."},
        "code": {**STRING, "description": "One word for programs."},
        "hint": {**STRING, "description": "What to do about it."},
        "details": OBJECT,
        "request_id": STRING,
    },
}

SEND_REQUEST: Schema = {
    "application/json": {
        "type": "object",
        "required": ["user_id"],
        "properties": {
            "user_id": {"type": "string", "minLength": 1, "maxLength": 100},
            "channels": {
                "type": "array",
                "items": STRING,
                "uniqueItems": True,
                "minItems": 1,
                "description": "Absent: all active channel configs of the user.",
            },
            "template_key": {"type": "string", "maxLength": 100},
            "variables": OBJECT,
            "custom_content": {
                "type": "object",
                "required": ["content"],
                "properties": {"subject": STRING, "content": STRING},
                "description": "Either this or template_key.",
            },
            "idempotency_key": {"type": "string", "maxLength": 255},
            "metadata": OBJECT,
            "priority": {"enum": ["low", "normal", "high"]},
            "send_at": TIME,
            "expires_at": TIME,
            "dedupe_key": {"type": "string", "minLength": 1, "maxLength": 255},
            "dedupe_window": {
                "type": "integer",
                "minimum": 1,
                "maximum": 604800,
                "default": 300,
                "description": "Seconds in which dedupe_key is sent once a channel.",
            },
            "ordering_key": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100,
                "description": "What has the same goes out in the order of acceptance.",
            },
            "dry_run": {
                "type": "boolean",
                "description": "Only say what would happen: 200, nothing is stored.",
            },
        },
    }
}

_RESULT: Schema = {
    "type": "object",
    "properties": {
        "channelType": STRING,
        "status": STRING,
        "messageId": STRING,
        "message_id": STRING,
        "userId": STRING,
        "logId": {"type": ["integer", "null"]},
        "deduplicated": {
            "const": True,
            "description": "Not sent again: id and status are the first delivery's.",
        },
        "error": STRING,
        "code": STRING,
    },
}

SEND_RESPONSES = {
    202: OpenApiResponse(
        {
            "type": "object",
            "required": ["success", "request_id", "results"],
            "properties": {
                "success": {"const": True},
                "request_id": STRING,
                "results": list_of(_RESULT),
            },
        },
        "Stored for good; it will be sent.",
    ),
    400: OpenApiResponse(ERROR, "The request is wrong; `code` and `hint` say how."),
    401: OpenApiResponse(ERROR, "The signature is missing or wrong."),
    403: OpenApiResponse(ERROR, "The client lacks the scope `send`."),
    409: OpenApiResponse(ERROR, "The same idempotency key is being worked on."),
    413: OpenApiResponse(ERROR, "The body is over the size limit."),
    415: OpenApiResponse(ERROR, "The body is declared as something other than JSON."),
    422: OpenApiResponse(ERROR, "The idempotency key belongs to another request."),
    429: OpenApiResponse(ERROR, "Over a limit; Retry-After says how long to wait."),
    503: OpenApiResponse(ERROR, "Not now; Retry-After says how long to wait."),
}

BATCH_REQUEST: Schema = {
    "application/json": {
        "type": "object",
        "required": ["notifications"],
        "properties": {
            "notifications": {
                "type": "array",
                "items": SEND_REQUEST["application/json"],
                "minItems": 1,
                "maxItems": 1000,
            },
            "dry_run": {
                "type": "boolean",
                "description": "Only say what would happen to each of them.",
            },
        },
    }
}

_BATCH_RESULT: Schema = {
    "type": "object",
    "required": ["index", "success"],
    "properties": {
        "index": {"type": "integer", "description": "Its place in the batch, from 0."},
        "success": BOOLEAN,
        "results": list_of(_RESULT),
        "replayed": {"const": True, "description": "The first answer to its key."},
        "error": STRING,
        "code": STRING,
        "hint": STRING,
        "details": OBJECT,
    },
}

BATCH_RESPONSES = {
    **{
        status: response
        for status, response in SEND_RESPONSES.items()
        if status not in {409, 422}
    },
    202: OpenApiResponse(
        {
            "type": "object",
            "required": ["success", "request_id", "results", "accepted", "rejected"],
            "properties": {
                "success": {"const": True},
                "request_id": STRING,
                "results": list_of(_BATCH_RESULT),
                "accepted": INTEGER,
                "rejected": INTEGER,
            },
        },
        "What is accepted is stored for good; the rest has its reason.",
    ),
}

SEND_PARAMETERS = [
    OpenApiParameter(
        "X-Key-Id",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="Which API client signs; absent: the default client.",
    ),
    OpenApiParameter(
        "Idempotency-Key",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="The same as idempotency_key in the body.",
    ),
    OpenApiParameter(
        "Prefer",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description=(
            "wait=N holds the answer until all sends have settled, N seconds (up to 10) "
            "at most; Preference-Applied says whether it was held."
        ),
    ),
]
