"""Headers that many requests and answers have, each described once."""

from __future__ import annotations

from typing import Any

from templates_app.json_schema import STRING, Schema


def _header(description: str, **schema: Any) -> Schema:
    return {"description": description, "schema": schema or STRING}


HEADERS: dict[str, Schema] = {
    "X-Request-Id": _header("The id of the request: the caller's own, if it is sane."),
    "Content-Language": _header("The language of `error`, `hint` and the like."),
    "RateLimit": _header('What is left: `"sends";r=2970;t=1`.'),
    "RateLimit-Policy": _header('The limit that counts: `"sends";q=3000;w=60`.'),
    "Retry-After": _header("Whole seconds to wait.", type="integer", minimum=1),
    "Idempotent-Replayed": _header(
        "The first answer to this idempotency key; nothing was sent.", const="true"
    ),
    "Preference-Applied": _header("`wait=N`: the answer was held back."),
    "Cache-Control": _header("`no-store`."),
    "WWW-Authenticate": _header("How to log in."),
}

PARAMETERS: dict[str, Schema] = {
    "X-Key-Id": {
        "name": "X-Key-Id",
        "in": "header",
        "description": "Which API client signs; absent: the default client.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "X-Signature-Version": {
        "name": "X-Signature-Version",
        "in": "header",
        "description": "How the request is signed; absent: 1.",
        "schema": {"enum": ["1", "2"], "default": "1"},
    },
    "X-Nonce": {
        "name": "X-Nonce",
        "in": "header",
        "description": "With version 2: a random text, new for each request.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._~+/=-]{16,128}$"},
    },
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of sentences in the answer: `en`, `zh-hans`.",
        "schema": STRING,
    },
    "X-Request-Id": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "The caller's own id of the request; kept with what it accepts.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
}
SHARED_PARAMETERS = ("X-Request-Id", "Accept-Language")
SIGNED_PARAMETERS = ("X-Key-Id", "X-Signature-Version", "X-Nonce")


def header_refs(*names: str) -> Schema:
    """Return these headers of an answer, by reference."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def parameter_ref(name: str) -> Schema:
    """Return a header of a request, by reference."""
    return {"$ref": f"#/components/parameters/{name}"}
