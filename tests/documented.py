"""Holds answers of the API against its OpenAPI document: nothing may be undocumented.

What the document leaves open for callers (new fields may come) is closed here: a field,
a header, a status or a code that it does not name is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.utils import translation
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from channels_app.api.errors import is_api_path
from channels_app.api.openapi.document import OneDocument
from channels_app.api.openapi.refusals import refusal_schema
from channels_app.services.refusals import REFUSALS

PAGES = ("/api/docs", "/api/schema")
# What Django, a proxy or the protocol itself may add to any answer.
EVERYWHERE = {
    "allow",
    "content-length",
    "content-type",
    "cross-origin-opener-policy",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
}
CORS = "access-control-"
# Before a view is asked whether it takes a method, the request is looked at.
BEFORE_THE_METHOD = {400, 401, 403, 404, 405, 413, 415, 429, 503}
_ROOT = "urn:document"
FORMATS = FormatChecker(formats=())


def _is_moment(value: object) -> bool:
    return (
        not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
    )


FORMATS.checkers["date-time"] = (_is_moment, ValueError)


class UndocumentedError(AssertionError):
    """An answer that the document does not foresee."""


@dataclass(frozen=True)
class Seen:
    """An answer as it came over the wire, to a request that named no other urls."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip()


def document() -> dict[str, Any]:
    """Return the document as it is served in English."""
    with translation.override("en"):
        made: dict[str, Any] = OneDocument().get_schema()
    plain: dict[str, Any] = json.loads(json.dumps(made))
    return plain


def check(seen: Seen) -> None:
    """Raise UndocumentedError for what the document does not say of an answer."""
    path = seen.path.rstrip("/")
    if not is_api_path(seen.path) or path.startswith(PAGES):
        return
    template = _template_of(path)
    operation = _operation(template, seen.method)
    if operation is None:
        _check_refusal(seen, {404} if template is None else BEFORE_THE_METHOD)
        return
    response = _resolved(operation["responses"]).get(str(seen.status))
    if response is None:
        raise UndocumentedError(f"{_named(seen)}: the status is not documented")
    _check_headers(seen, response)
    _check_content(seen, template, response)


def _named(seen: Seen) -> str:
    return f"{seen.method} {seen.path} {seen.status} {seen.body[:400]!r}"


def _check_headers(seen: Seen, response: Mapping[str, Any]) -> None:
    documented = {name.lower() for name in response.get("headers", {})}
    found = {name.lower() for name in seen.headers}
    unknown = {
        name for name in found - documented - EVERYWHERE if not name.startswith(CORS)
    }
    if unknown:
        raise UndocumentedError(f"{_named(seen)}: headers {sorted(unknown)}")
    if "x-request-id" not in found:
        raise UndocumentedError(f"{_named(seen)}: no X-Request-Id")


def _check_content(
    seen: Seen, template: str | None, response: Mapping[str, Any]
) -> None:
    if seen.method == "HEAD":
        return
    content = response.get("content", {})
    if seen.kind not in content:
        raise UndocumentedError(
            f"{_named(seen)}: the type {seen.kind} is not documented"
        )
    if seen.kind == "application/json":
        schema = json.dumps(content[seen.kind]["schema"], sort_keys=True)
        _check_value(seen, schema)


def _check_refusal(seen: Seen, statuses: set[int]) -> None:
    """Check the envelope where no operation answers."""
    if seen.method == "OPTIONS" and seen.status == 204:
        return
    if seen.status not in statuses:
        raise UndocumentedError(f"{_named(seen)}: no such operation is documented")
    if seen.method != "HEAD":
        codes = [code for code, row in REFUSALS.items() if row.status == seen.status]
        _check_value(seen, json.dumps(_closed(refusal_schema(codes)), sort_keys=True))


def _check_value(seen: Seen, schema: str) -> None:
    errors = list(_validator(schema).iter_errors(json.loads(seen.body)))
    if errors:
        said = "; ".join(
            f"{error.json_path}: {error.message[:300]}" for error in errors
        )
        raise UndocumentedError(f"{_named(seen)}: {said}")


@cache
def _strict() -> dict[str, Any]:
    closed: dict[str, Any] = _closed(document())
    return closed


@cache
def _validator(schema: str) -> Draft202012Validator:
    resource = DRAFT202012.create_resource(_strict())
    registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
    text = schema.replace('"$ref": "#/', f'"$ref": "{_ROOT}#/')
    return Draft202012Validator(
        json.loads(text), registry=registry, format_checker=FORMATS
    )


def _closed(node: Any) -> Any:
    """Close every object that lists its properties and says nothing of others."""
    if isinstance(node, list):
        return [_closed(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {name: _closed(part) for name, part in node.items()}
    is_object = made.get("type") == "object" and isinstance(
        made.get("properties"), dict
    )
    if is_object and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


def _resolved(responses: Mapping[str, Any]) -> dict[str, Any]:
    shared = _strict()["components"]["responses"]
    return {
        status: shared[row["$ref"].rpartition("/")[2]] if "$ref" in row else row
        for status, row in responses.items()
    }


def _operation(template: str | None, method: str) -> dict[str, Any] | None:
    if template is None:
        return None
    wanted = "get" if method == "HEAD" else method.lower()
    found: dict[str, Any] | None = _strict()["paths"][template].get(wanted)
    return found


def _template_of(path: str) -> str | None:
    return next((name for name, form in _forms() if form.fullmatch(path)), None)


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each path with its pattern, those without parameters first."""
    paths = sorted(_strict()["paths"], key=lambda path: (path.count("{"), path))
    return tuple((path, re.compile(_pattern(path))) for path in paths)


def _pattern(path: str) -> str:
    return "".join(_parts(path))


def _parts(path: str) -> Iterator[str]:
    for part in re.split(r"(\{[^}]+\})", path):
        yield "[^/]+" if part.startswith("{") else re.escape(part)
