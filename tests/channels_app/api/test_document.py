"""The OpenAPI document says everything: addresses, refusals, headers, examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from pytest_django import Settings
from rest_framework.views import APIView

from channels_app.api.errors import is_api_path
from channels_app.api.openapi.document import OneDocument
from channels_app.services.refusals import REFUSALS
from tests import documented
from tests.documented import Seen, UndocumentedError, check, document

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
HEADERS = {"Content-Type": JSON, "X-Request-Id": "r1"}

document_once = cache(document)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document_once()["paths"].items()
        for method, operation in item.items()
    ]


every_operation = pytest.mark.parametrize(
    "operation",
    [row[2] for row in operations()],
    ids=[f"{row[1]} {row[0]}" for row in operations()],
)


def addresses() -> Iterator[tuple[str, type[APIView]]]:
    """Give each address of the API, written as the document does, with its view."""
    for pattern in patterns(get_resolver().url_patterns):
        text = re.sub(r"\(\?P<(\w+)>.*?\)(?=/|$)", r"{\1}", str(pattern.pattern))
        path = "/" + text.replace(r"/?\Z", "").lstrip("^")
        view = getattr(pattern.callback, "view_class", None)
        if view and is_api_path(path) and not path.startswith(documented.PAGES):
            yield path, view


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


def test_every_address_and_method_is_described() -> None:
    paths = document_once()["paths"]
    found = dict(addresses())
    assert len(found) > 25
    for path, view in found.items():
        wanted = {name for name in METHODS if hasattr(view, name)}
        assert set(paths.get(path, {})) == wanted, path
    assert set(paths) == set(found)


def test_the_document_is_one_and_its_names_are_unique() -> None:
    validate_schema(document_once())
    names = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(names) == len(set(names))


def test_it_is_served_as_json_and_as_yaml(client: Client) -> None:
    as_json = client.get("/api/schema/?format=json")
    assert as_json.json()["openapi"] == "3.1.0"
    assert client.get("/api/schema/").text.startswith("openapi: 3.1.0")
    texts = as_json.json()["info"]["description"]
    for vector in ("ad0dbf27be83d0d3", "616e333916c18392", "X-Nonce", "Retry-After"):
        assert vector in texts


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_it_can_be_withheld(client: Client, settings: Settings, path: str) -> None:
    settings.API_DOCS = False
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_it_is_made_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels_app.api.openapi.document._made", {})
    made: list[None] = []
    generate: Any = SchemaGenerator.get_schema

    def counted(self: SchemaGenerator, **options: Any) -> Any:
        made.append(None)
        return generate(self, **options)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: OneDocument().get_schema(), range(8)))
    assert len(made) == 1
    assert all(document is found[0] for document in found)


@every_operation
def test_an_operation_says_what_it_is_for(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    for response in responses_of(operation).values():
        assert response["description"], response
        assert {"X-Request-Id", "Content-Language"} <= set(response["headers"])


@every_operation
def test_an_operation_names_its_refusals(operation: dict[str, Any]) -> None:
    responses = responses_of(operation)
    if any(operation.get("security", [])):
        assert {"401", "429"} <= set(responses)
        assert "RateLimit" in responses["429"]["headers"]
    if "requestBody" in operation:
        assert {"400", "413"} <= set(responses)
        takes_json_only = list(operation["requestBody"]["content"]) == [JSON]
        assert ("415" in responses) is takes_json_only
    if operation["operationId"] != "get_liveness":
        assert {"500", "503"} <= set(responses)
        assert "Retry-After" in responses["503"]["headers"]
    for status, response in responses.items():
        for code in codes_of(response):
            assert REFUSALS[code].status == int(status)


@every_operation
def test_an_operation_has_examples_that_fit(operation: dict[str, Any]) -> None:
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for part in (*bodies, *responses_of(operation).values()):
        media = part.get("content", {}).get(JSON)
        if media is None:
            continue
        given = [row["value"] for row in media.get("examples", {}).values()]
        given += [media["example"]] if "example" in media else []
        assert given, part
        for value in given:
            checker = Draft202012Validator(documented._closed(media["schema"]))
            errors = [error.message for error in checker.iter_errors(value)]
            assert not errors, (operation["operationId"], errors)


def test_every_code_stands_somewhere() -> None:
    found = {
        code
        for _path, _method, operation in operations()
        for response in responses_of(operation).values()
        for code in codes_of(response)
    }
    assert found == set(REFUSALS) - {"METHOD_NOT_ALLOWED"}


def responses_of(operation: dict[str, Any]) -> dict[str, Any]:
    shared = document_once()["components"]["responses"]
    return {
        status: shared[row["$ref"].rpartition("/")[2]] if "$ref" in row else row
        for status, row in operation["responses"].items()
    }


def codes_of(response: dict[str, Any]) -> list[str]:
    media = response.get("content", {}).get(JSON, {})
    code = media.get("schema", {}).get("properties", {}).get("code", {})
    return list(code.get("enum", []))


ALIVE = {"status": "alive"}
REFUSED = {
    "success": False,
    "error": "No.",
    "code": "NOT_FOUND",
    "hint": "Look again.",
    "request_id": "r1",
}
QUEUE = "/api/queue/status"


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/livez", 200, ALIVE),
        ("HEAD", "/livez/", 200, ALIVE),
        ("GET", "/api/nowhere", 404, REFUSED),
        ("PATCH", "/livez", 405, REFUSED | {"code": "METHOD_NOT_ALLOWED"}),
        ("GET", QUEUE, 403, REFUSED | {"code": "FORBIDDEN"}),
        ("GET", "/somewhere/else", 200, None),
    ],
)
def test_what_is_documented_passes(
    method: str, path: str, status: int, body: object
) -> None:
    check(Seen(method, path, status, HEADERS, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "headers"),
    [
        ("GET", "/livez", 200, ALIVE | {"more": 1}, {}),
        ("GET", "/livez", 200, {}, {}),
        ("GET", "/livez", 200, ALIVE, {"X-New": "1"}),
        ("GET", "/livez", 200, ALIVE, {"Content-Type": "text/html"}),
        ("GET", "/livez", 201, ALIVE, {}),
        ("GET", "/api/nowhere", 200, ALIVE, {}),
        ("GET", "/api/nowhere", 404, REFUSED | {"code": "GONE"}, {}),
        ("PATCH", "/livez", 200, ALIVE, {}),
        ("GET", QUEUE, 403, REFUSED, {}),
        ("GET", QUEUE, 403, REFUSED | {"code": "FORBIDDEN", "why": "?"}, {}),
        ("GET", QUEUE, 409, REFUSED | {"code": "CONFLICT"}, {}),
    ],
)
def test_what_is_undocumented_is_noticed(
    method: str, path: str, status: int, body: object, headers: dict[str, str]
) -> None:
    seen = Seen(method, path, status, HEADERS | headers, json.dumps(body).encode())
    with pytest.raises(UndocumentedError):
        check(seen)


def test_an_answer_without_a_request_id_is_noticed() -> None:
    headers = {"Content-Type": JSON}
    with pytest.raises(UndocumentedError, match="X-Request-Id"):
        check(Seen("GET", "/livez", 200, headers, json.dumps(ALIVE).encode()))
