"""Completes the document: refusals, headers, ways to sign, aliases, examples."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from channels_app.api.openapi.autoschema import SCOPE
from channels_app.api.openapi.dry_run_examples import DRY_RUN_ANSWERS
from channels_app.api.openapi.examples import ANSWERS, REQUESTS
from channels_app.api.openapi.headers import (
    HEADERS,
    PARAMETERS,
    SHARED_PARAMETERS,
    SIGNED_PARAMETERS,
    header_refs,
    parameter_ref,
)
from channels_app.api.openapi.operating_examples import OPERATING_ANSWERS
from channels_app.api.openapi.refusals import MEANINGS, codes_of, refusal_content
from channels_app.api.openapi.webhook_examples import WEBHOOK_ANSWERS, WEBHOOK_REQUESTS

Document = dict[str, Any]

_SIGNED: Document = {"timestamp": [], "signature": []}
_FIRST_REFUSAL = 400
# Ways in that views decide by themselves, beyond REST framework's classes.
_SECURITY: Mapping[str, list[Document]] = {
    "clear_queue": [{"adminKey": []}],
    "clear_cache": [{"adminKey": []}],
    "get_health": [{}, _SIGNED, {"adminKey": []}, {"cookieAuth": []}],
    "scrape_metrics": [_SIGNED, {"metricsToken": []}],
    "post_to_bridge": [{"bridgeToken": []}],
}
SCHEMES: Mapping[str, Document] = {
    "adminKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Admin-Key",
        "description": "The setting ADMIN_KEY; while it is empty there is no such way.",
    },
    "metricsToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The setting METRICS_TOKEN, for a scraper.",
    },
    "bridgeToken": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "What the admin showed when the bridge was opened.",
    },
}
_EXAMPLES: Mapping[tuple[str, int], Document] = {
    **ANSWERS,
    **DRY_RUN_ANSWERS,
    **OPERATING_ANSWERS,
    **WEBHOOK_ANSWERS,
}
_DONE: Mapping[str, str] = {
    "200": "Done; the body says what.",
    "201": "Created.",
    "202": "Taken on; it will be done.",
}
# A DELETE that may say in its body what it may say in its query.
_CLEANUP_BODY: Document = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {
                "days": {"type": "integer", "minimum": 1, "maximum": 36500},
                "before": {"type": "string", "description": "ISO 8601."},
                "before_date": {"type": "string", "description": "The same."},
            },
        }
    }
}
# Another address of the same operation.
ALIASES: Mapping[str, str] = {
    "/api/send-notification": "/api/notifications/send",
    "/api/health": "/health",
    "/api/grafana/webhook": "/api/webhooks/grafana",
}
_UNCACHED = {
    "get_health",
    "get_liveness",
    "get_metrics",
    "get_readiness",
    "get_scheduled_tasks",
    "scrape_metrics",
}
# Answers that are no refusals although their status is one.
_OWN_ANSWERS = {("get_health", 503), ("get_readiness", 503)}


def complete(
    result: Document, generator: object, request: object, public: object
) -> Document:
    """Return the document with what holds for all operations (a drf-spectacular hook)."""
    result["paths"] = {path.rstrip("/"): item for path, item in result["paths"].items()}
    components = result.setdefault("components", {})
    components["securitySchemes"] = {
        **components.get("securitySchemes", {}),
        **SCHEMES,
    }
    components["headers"] = copy.deepcopy(HEADERS)
    components["parameters"] = copy.deepcopy(PARAMETERS)
    refusals = _Refusals()
    for method, operation in _operations(result["paths"]):
        _complete_operation(operation, method, refusals)
    components["responses"] = refusals.responses
    result["paths"] |= dict(_aliases(result["paths"]))
    return result


class _Refusals:
    """The refusals seen so far, each set of codes described once."""

    def __init__(self) -> None:
        self.responses: Document = {}
        self._names: dict[tuple[int, tuple[str, ...], str], str] = {}

    def ref(self, status: int, codes: list[str], headers: tuple[str, ...]) -> Document:
        """Return a reference to the refusal with this status and these codes."""
        key = (status, tuple(codes), ",".join(headers))
        if key not in self._names:
            alike = sum(known[0] == status for known in self._names)
            name = f"Refused{status}" + (f"_{alike + 1}" if alike else "")
            self._names[key] = name
            self.responses[name] = {
                "description": MEANINGS[status],
                "headers": header_refs(*headers),
                "content": refusal_content(codes),
            }
        return {"$ref": f"#/components/responses/{self._names[key]}"}


def _operations(paths: Document) -> Iterator[tuple[str, Document]]:
    for item in paths.values():
        yield from item.items()


def _complete_operation(operation: Document, method: str, refusals: _Refusals) -> None:
    name = str(operation["operationId"])
    if name in _SECURITY:
        operation["security"] = copy.deepcopy(_SECURITY[name])
    _say_the_scope(operation)
    if name == "clean_up_logs":
        operation["requestBody"] = {"content": _CLEANUP_BODY}
    _add_refusals(operation, method, refusals)
    for status, response in operation["responses"].items():
        if "$ref" not in response:
            response["description"] = response["description"] or _DONE[status]
            own = _headers_of(int(status), operation)
            response["headers"] = response.get("headers", {}) | header_refs(*own)
    operation["responses"] = dict(sorted(operation["responses"].items()))
    _add_examples(operation)
    _add_parameters(operation)


def _add_refusals(operation: Document, method: str, refusals: _Refusals) -> None:
    responses = operation["responses"]
    if not _takes_input(operation):
        responses.pop("400", None)
    if not _has_scopes(operation):
        responses.pop("403", None)
    for status in _statuses(operation, method):
        if (operation["operationId"], status) not in _OWN_ANSWERS:
            codes = codes_of(status, operation, method)
            headers = _headers_of(status, operation)
            if "IDEMPOTENCY_IN_PROGRESS" in codes:
                headers += ("Retry-After",)
            responses[str(status)] = refusals.ref(status, codes, headers)


def _add_examples(operation: Document) -> None:
    """Put the examples beside the schemas, where the views gave none of their own."""
    name = str(operation["operationId"])
    body = operation.get("requestBody", {}).get("content", {})
    _add_example(body, REQUESTS.get(name) or WEBHOOK_REQUESTS.get(name))
    for status, response in operation["responses"].items():
        example = _EXAMPLES.get((name, int(status)))
        _add_example(response.get("content", {}), example)


def _add_example(content: Document, example: Document | None) -> None:
    media = content.get("application/json")
    if media is not None and example is not None and "examples" not in media:
        media["example"] = copy.deepcopy(example)


def _say_the_scope(operation: Document) -> None:
    scope = operation.get(SCOPE)
    if scope:
        text = operation.get("description", "")
        operation["description"] = f"{text}\n\nScope: `{scope}`.".strip()


def _statuses(operation: Document, method: str) -> list[int]:
    """Return every status of a refusal that the operation may answer."""
    declared = {int(status) for status in operation["responses"]}
    found = {status for status in declared if status >= _FIRST_REFUSAL}
    found.discard(400)
    if _takes_input(operation):
        found.add(400)
    if any(operation.get("security", [])):
        found |= {401, 429}
    found = found | {403} if _has_scopes(operation) else found - {403}
    if _path_parameters(operation):
        found.add(404)
    if method in {"post", "put", "patch"} or "requestBody" in operation:
        found.add(413)
    if list(operation.get("requestBody", {}).get("content", {})) == [
        "application/json"
    ]:
        found.add(415)
    if operation["operationId"] != "get_liveness":
        found |= {500, 503}
    return sorted(found)


def _takes_input(operation: Document) -> bool:
    parameters = operation.get("parameters", [])
    has_query = any(row.get("in") in {"query", "path"} for row in parameters)
    return has_query or "requestBody" in operation


def _has_scopes(operation: Document) -> bool:
    """Tell whether a client calls, who may lack what it takes."""
    schemes = {name for way in operation.get("security", []) for name in way}
    return bool(schemes & {"signature", "basic"})


def _path_parameters(operation: Document) -> list[Document]:
    return [row for row in operation.get("parameters", []) if row.get("in") == "path"]


def _headers_of(status: int, operation: Document) -> tuple[str, ...]:
    names = ["X-Request-Id", "Content-Language"]
    if any(operation.get("security", [])):
        names += ["RateLimit", "RateLimit-Policy"]
    if status in {429, 503}:
        names.append("Retry-After")
    if status == 401 and {"basic": []} in operation.get("security", []):
        names.append("WWW-Authenticate")
    if status < _FIRST_REFUSAL or (operation["operationId"], status) in _OWN_ANSWERS:
        names += _success_headers(str(operation["operationId"]))
    return tuple(names)


def _success_headers(name: str) -> list[str]:
    if name in {"send_notification", "post_to_bridge"}:
        return ["Idempotent-Replayed", "Preference-Applied"]
    if name == "send_notification_batch":
        return ["Preference-Applied"]
    return ["Cache-Control"] if name in _UNCACHED else []


def _add_parameters(operation: Document) -> None:
    is_signed = any("signature" in way for way in operation.get("security", []))
    shared = [*(SIGNED_PARAMETERS if is_signed else ()), *SHARED_PARAMETERS]
    own = [row for row in operation.get("parameters", []) if row["name"] not in shared]
    operation["parameters"] = own + [parameter_ref(name) for name in shared]


def _aliases(paths: Document) -> Iterator[tuple[str, Document]]:
    for alias, path in ALIASES.items():
        if path not in paths:
            continue
        item = copy.deepcopy(paths[path])
        for operation in item.values():
            operation["operationId"] += "_alias"
            operation["summary"] = f"{operation.get('summary', '')} (alias)".strip()
        yield alias, item
