"""Every answer: request id, envelope, CORS."""

import logging
from collections.abc import Iterator

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, path
from pytest_django import Settings
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import errors
from channels_app.api.middleware import CorsMiddleware
from channels_app.services.refusals import REFUSALS, RequestRefusedError
from templates_app.engine.errors import Position, RenderError, SourceError

RAISED: dict[str, Exception] = {}


def plain(request: HttpRequest) -> HttpResponse:
    raise RAISED["now"]


class Framework(APIView):
    authentication_classes = []
    permission_classes = []

    def get(self, request: Request) -> Response:
        raise RAISED["now"]

    def post(self, request: Request) -> Response:
        return Response({"read": request.data})


urlpatterns: list[URLPattern] = [
    path("api/plain", plain),
    path("api/framework", Framework.as_view()),
    path("page", plain),
]
handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error

EXCEPTIONS = [
    (RequestRefusedError("QUEUE_FULL", retry_after=7), "QUEUE_FULL"),
    (drf.ParseError(), "INVALID_REQUEST"),
    (drf.ValidationError({"limit": ["too large"]}), "INVALID_PARAMETER"),
    (drf.NotAuthenticated(), "MISSING_AUTH_HEADERS"),
    (drf.PermissionDenied(), "FORBIDDEN"),
    (drf.NotFound(), "NOT_FOUND"),
    (drf.MethodNotAllowed("GET"), "METHOD_NOT_ALLOWED"),
    (drf.UnsupportedMediaType("text/xml"), "UNSUPPORTED_MEDIA_TYPE"),
    (drf.NotAcceptable(), "INVALID_REQUEST"),
    (drf.Throttled(wait=2.5), "RATE_LIMITED"),
    (Http404(), "NOT_FOUND"),
    (PermissionDenied(), "FORBIDDEN"),
    (RequestDataTooBig(), "PAYLOAD_TOO_LARGE"),
    (SuspiciousOperation("odd"), "INVALID_REQUEST"),
    (ValidationError("not a colour"), "INVALID_PARAMETER"),
    (ValidationError({"user_id": ["too long"]}), "INVALID_PARAMETER"),
    (OperationalError("no route to host"), "DATABASE_UNAVAILABLE"),
    (SourceError("call", "No calls.", "Remove it.", Position(3)), "INVALID_PARAMETER"),
    (RenderError("value", "Too long.", "Shorten it."), "TEMPLATE_RENDER_ERROR"),
    (KeyError("a secret place"), "INTERNAL_ERROR"),
    (RecursionError(), "INTERNAL_ERROR"),
]


@pytest.fixture
def visitor() -> Iterator[Client]:
    yield Client(raise_request_exception=False)
    RAISED.clear()


@pytest.mark.urls("tests.channels_app.api.test_answers")
@pytest.mark.parametrize("address", ["/api/plain", "/api/framework"])
@pytest.mark.parametrize(("exception", "code"), EXCEPTIONS)
def test_whatever_is_raised_the_envelope_is_the_same(
    visitor: Client, address: str, exception: Exception, code: str
) -> None:
    RAISED["now"] = exception
    answer = visitor.get(address)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (REFUSALS[code].status, code)
    assert body["success"] is False
    assert isinstance(body["error"], str)
    assert body["error"]
    assert body["hint"]
    assert body["request_id"] == answer["X-Request-Id"]
    assert "secret place" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.urls("tests.channels_app.api.test_answers")
def test_an_unforeseen_error_is_logged_with_its_request_id(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    RAISED["now"] = KeyError("lost")
    with caplog.at_level(logging.ERROR):
        visitor.get("/api/plain", headers={"X-Request-Id": "abc-1"})
    assert "abc-1" in caplog.text
    assert "KeyError" in caplog.text


@pytest.mark.urls("tests.channels_app.api.test_answers")
def test_every_unavailability_says_when_to_come_back(visitor: Client) -> None:
    for code, row in REFUSALS.items():
        RAISED["now"] = RequestRefusedError(code)
        answer = visitor.get("/api/plain")
        is_told = row.status in {429, 503} or row.retry_after is not None
        assert ("Retry-After" in answer) is is_told, code


@pytest.mark.urls("tests.channels_app.api.test_answers")
def test_every_problem_of_a_form_is_named(visitor: Client) -> None:
    RAISED["now"] = drf.ValidationError({"a": ["x", "y"], "b": {"c": ["z"]}})
    details = visitor.get("/api/framework").json()["details"]
    assert details == {"problems": ["a: x", "a: y", "b.c: z"]}


@pytest.mark.urls("tests.channels_app.api.test_answers")
def test_a_bad_body_is_refused_by_framework_views_too(visitor: Client) -> None:
    answer = visitor.post("/api/framework", b"[" * 10_000, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    answer = visitor.post("/api/framework", b"x" * 2_000_000, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    answer = visitor.post("/api/framework", b"<a/>", "application/xml")
    assert answer.status_code == 415
    answer = visitor.post(
        "/api/framework", b'{"a": "\xe5\xbc\xa0"}', "application/json"
    )
    assert answer.json() == {"read": {"a": "张"}}


@pytest.mark.urls("tests.channels_app.api.test_answers")
@pytest.mark.parametrize(
    "address", ["/api/nothing", "/api/", "/api", "/health/nothing"]
)
def test_an_unknown_path_answers_json(visitor: Client, address: str) -> None:
    answer = visitor.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.urls("tests.channels_app.api.test_answers")
def test_an_unknown_host_answers_json(visitor: Client) -> None:
    answer = visitor.get("/api/plain", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.urls("tests.channels_app.api.test_answers")
def test_pages_keep_their_own_error_pages(visitor: Client) -> None:
    RAISED["now"] = KeyError("lost")
    assert "html" in visitor.get("/page")["Content-Type"]
    assert "html" in visitor.get("/nothing")["Content-Type"]


@pytest.mark.parametrize("given", ["abc", "A-1_b.c", "x" * 64])
def test_a_sane_request_id_is_taken_over(client: Client, given: str) -> None:
    assert (
        client.get("/api/none", headers={"X-Request-Id": given})["X-Request-Id"]
        == given
    )


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<b>", "a\u00e9", "a;b"])
def test_any_other_request_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/api/none", headers={"X-Request-Id": given})
    assert answer["X-Request-Id"] != given
    assert len(answer["X-Request-Id"]) == 32


def cors(method: str, origin: str, **headers: str) -> HttpResponse:
    request = RequestFactory().generic(
        method, "/api/notifications/send", headers={"Origin": origin, **headers}
    )
    answer = CorsMiddleware(lambda request: HttpResponse("view"))(request)
    assert isinstance(answer, HttpResponse)
    return answer


PREFLIGHT = {"Access-Control-Request-Method": "POST"}


def test_a_preflight_from_an_allowed_origin_is_answered(settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = ["https://app.example"]
    answer = cors("OPTIONS", "https://app.example", **PREFLIGHT)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "https://app.example"
    assert answer["Access-Control-Allow-Headers"] == (
        "Content-Type, X-Signature, X-Timestamp, X-Key-Id, X-Signature-Version, "
        "X-Nonce, Idempotency-Key, Prefer"
    )
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert answer["Vary"] == "Origin"


def test_an_answer_may_be_read_by_an_allowed_origin(settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = ["https://app.example"]
    answer = cors("POST", "https://app.example")
    assert answer.content == b"view"
    assert answer["Access-Control-Allow-Origin"] == "https://app.example"
    assert "X-Request-Id" in answer["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_other_origins_get_nothing(settings: Settings, origin: str) -> None:
    settings.ALLOWED_ORIGINS = ["https://app.example"]
    for method in ("OPTIONS", "POST"):
        answer = cors(method, origin, **PREFLIGHT)
        assert answer.content == b"view"
        assert "Access-Control-Allow-Origin" not in answer


def test_without_origins_in_the_settings_nothing_is_added(settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = []
    answer = cors("POST", "https://app.example")
    assert not [name for name in answer.headers if name.startswith("Access-")]
