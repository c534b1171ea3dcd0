"""What every answer has: a request id, JSON errors, limits, and CORS where allowed."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import patch_vary_headers

from channels_app.api.bodies import drain
from channels_app.api.client_figures import count_answer
from channels_app.api.errors import (
    error_response,
    is_api_path,
    keep_request_id,
    request_id_of,
)
from channels_app.api.rate_headers import add_rate_headers
from channels_app.log_context import logged_with

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FIRST_ERROR = 400


class RequestIdMiddleware:
    """Names each request, answers its errors in JSON, and lets answers arrive."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = str(request.META.get("HTTP_X_REQUEST_ID", ""))
        keep_request_id(request, given if _SANE_ID.fullmatch(given) else "")
        with logged_with(request_id=request_id_of(request)):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id_of(request)
        add_rate_headers(response, request)
        count_answer(request, response)
        if response.status_code >= _FIRST_ERROR:
            drain(request)
        if request.method == "HEAD":
            _drop_body(response)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Answer what a view of the API raised; pages keep Django's own answers."""
        if is_api_path(request.path):
            return error_response(exception, request)
        return None


class CorsMiddleware:
    """Lets browsers of ALLOWED_ORIGINS call the API."""

    allowed_headers = (
        "Content-Type, X-Signature, X-Timestamp, X-Key-Id, X-Signature-Version, "
        "X-Nonce, Idempotency-Key, Prefer"
    )
    allowed_methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    exposed_headers = (
        "X-Request-Id, Idempotent-Replayed, Preference-Applied, Retry-After, RateLimit, "
        "RateLimit-Policy"
    )
    remembered_seconds = "600"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.ALLOWED_ORIGINS or not is_api_path(request.path):
            return self.get_response(request)
        origin = request.headers.get("Origin", "")
        is_allowed = origin in settings.ALLOWED_ORIGINS
        is_preflight = (
            request.method == "OPTIONS"
            and "Access-Control-Request-Method" in request.headers
        )
        if is_allowed and is_preflight:
            response: HttpResponseBase = HttpResponse(status=204)
            self._allow(response)
        else:
            response = self.get_response(request)
        patch_vary_headers(response, ["Origin"])
        if is_allowed:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Expose-Headers"] = self.exposed_headers
        return response

    def _allow(self, response: HttpResponseBase) -> None:
        response["Access-Control-Allow-Methods"] = self.allowed_methods
        response["Access-Control-Allow-Headers"] = self.allowed_headers
        response["Access-Control-Max-Age"] = self.remembered_seconds


def _drop_body(response: HttpResponseBase) -> None:
    """Keep the headers of a GET; web servers drop the rest, and gunicorn warns of it."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = []
    elif isinstance(response, HttpResponse):
        response.content = b""
