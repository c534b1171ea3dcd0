"""Every refusal of the API in one envelope, whoever raised it."""

from __future__ import annotations

import logging
import math
import sys
import uuid
from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import Any, TypeVar

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import InterfaceError, InternalError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework import exceptions as drf

from channels_app.api.bodies import too_large
from channels_app.api.database_errors import database_refusal, is_read_only
from channels_app.api.error_pages import error_page
from channels_app.api.rate_headers import keep_refusal
from channels_app.services.refusals import RequestRefusedError
from templates_app.engine.errors import RenderError, TemplateError
from templates_app.refusals import (
    ContentMissing,
    RenderRefused,
    TemplateInvalid,
    TemplateNotFound,
)

logger = logging.getLogger(__name__)

ResponseT = TypeVar("ResponseT", bound=HttpResponse)

API_PATHS = (
    "/api/",
    "/health",
    "/livez",
    "/readyz",
    "/metrics",
    "/web_hook/",
)
_REQUEST_ID = "HTTP_X_REQUEST_ID"


def is_api_path(path: str) -> bool:
    """Tell whether programs read the answers of a path: they are JSON then."""
    return path == "/api" or path.startswith(API_PATHS)


def request_id_of(request: HttpRequest) -> str:
    """Return the id of a request, which the middleware made sane."""
    return str(request.META.get(_REQUEST_ID) or keep_request_id(request, ""))


def keep_request_id(request: HttpRequest, request_id: str) -> str:
    """Let a request have this id, or a fresh one; return it."""
    chosen = request_id or uuid.uuid4().hex
    request.META[_REQUEST_ID] = chosen
    return chosen


def refusal_response(
    refusal: RequestRefusedError, request: HttpRequest
) -> JsonResponse:
    """Return the envelope of a refusal."""
    body: dict[str, Any] = {
        "success": False,
        "error": str(refusal.message),
        "code": refusal.code,
        "hint": str(refusal.hint),
        "request_id": request_id_of(request),
    }
    if refusal.details:
        body["details"] = refusal.details
        keep_refusal(request, refusal)
    response = JsonResponse(
        body, status=refusal.status, json_dumps_params={"ensure_ascii": False}
    )
    return _with_headers(response, refusal, request)


def _with_headers(
    response: ResponseT, refusal: RequestRefusedError, request: HttpRequest
) -> ResponseT:
    response["X-Request-Id"] = request_id_of(request)
    if refusal.retry_after:
        response["Retry-After"] = str(max(refusal.retry_after, 1))
    return response


def error_response(exc: Exception, request: HttpRequest) -> JsonResponse:
    """Return the envelope of any exception; an unforeseen one goes to the log."""
    refusal = refusal_of(exc)
    if refusal is None:
        logger.error(
            "unforeseen error in request %s: %s %s",
            request_id_of(request),
            request.method,
            request.path,
            exc_info=exc,
        )
        refusal = RequestRefusedError("INTERNAL_ERROR")
    elif refusal.code == "DATABASE_UNAVAILABLE":
        logger.error("database: %s (request %s)", exc, request_id_of(request))
    return refusal_response(refusal, request)


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer an exception of a REST framework view (its EXCEPTION_HANDLER)."""
    return error_response(exc, context["request"])


@singledispatch
def refusal_of(exc: Exception) -> RequestRefusedError | None:
    """Return what an exception means to the caller; None when nobody foresaw it."""
    return None


@refusal_of.register
def _refused(exc: RequestRefusedError) -> RequestRefusedError:
    return exc


@refusal_of.register
def _not_parsed(
    exc: drf.ParseError | SuspiciousOperation | BadRequest,
) -> RequestRefusedError:
    return RequestRefusedError("INVALID_REQUEST")


@refusal_of.register
def _too_big(exc: RequestDataTooBig) -> RequestRefusedError:
    return too_large()


@refusal_of.register
def _unsigned(
    exc: drf.NotAuthenticated | drf.AuthenticationFailed,
) -> RequestRefusedError:
    return RequestRefusedError("MISSING_AUTH_HEADERS")


@refusal_of.register
def _forbidden(exc: drf.PermissionDenied | PermissionDenied) -> RequestRefusedError:
    return RequestRefusedError("FORBIDDEN")


@refusal_of.register
def _missing(exc: drf.NotFound | Http404) -> RequestRefusedError:
    return RequestRefusedError("NOT_FOUND")


@refusal_of.register
def _method(exc: drf.MethodNotAllowed) -> RequestRefusedError:
    return RequestRefusedError("METHOD_NOT_ALLOWED")


@refusal_of.register
def _accept(exc: drf.NotAcceptable) -> RequestRefusedError:
    return RequestRefusedError(
        "INVALID_REQUEST",
        _("The Accept header allows none of the forms this address can answer in."),
        hint=_("Send Accept: application/json, or leave it out."),
    )


@refusal_of.register
def _media_type(exc: drf.UnsupportedMediaType) -> RequestRefusedError:
    return RequestRefusedError("UNSUPPORTED_MEDIA_TYPE")


@refusal_of.register
def _throttled(exc: drf.Throttled) -> RequestRefusedError:
    wait = float(getattr(exc, "wait", None) or 1)
    return RequestRefusedError("RATE_LIMITED", retry_after=math.ceil(wait))


@refusal_of.register
def _protected(exc: ProtectedError) -> RequestRefusedError:
    return RequestRefusedError("CONFLICT")


@refusal_of.register
def _database(exc: OperationalError | InterfaceError) -> RequestRefusedError:
    return database_refusal(exc)


@refusal_of.register
def _read_only_database(exc: InternalError) -> RequestRefusedError | None:
    return database_refusal(exc) if is_read_only(exc) else None


@refusal_of.register
def _invalid(exc: ValidationError) -> RequestRefusedError:
    if not hasattr(exc, "error_dict"):
        return _with_problems(exc.messages)
    return _with_problems(list(_flat(exc.message_dict, "")))


@refusal_of.register
def _invalid_fields(exc: drf.ValidationError) -> RequestRefusedError:
    return _with_problems(list(_flat(exc.detail, "")))


@refusal_of.register
def _template_source(exc: TemplateError) -> RequestRefusedError:
    return _of_template("INVALID_PARAMETER", exc)


@refusal_of.register
def _template_values(exc: RenderError) -> RequestRefusedError:
    return _of_template("TEMPLATE_RENDER_ERROR", exc)


@refusal_of.register
def _template_invalid(exc: TemplateInvalid) -> RequestRefusedError:
    problems = [problem.as_dict() for problem in exc.problems]
    return RequestRefusedError(
        "INVALID_PARAMETER",
        exc.message,
        hint=exc.remedy,
        details={"problems": problems},
    )


@refusal_of.register
def _template_unknown(exc: TemplateNotFound) -> RequestRefusedError:
    return RequestRefusedError("TEMPLATE_NOT_FOUND", exc.message, hint=exc.remedy)


@refusal_of.register
def _template_empty(exc: ContentMissing) -> RequestRefusedError:
    return RequestRefusedError("MISSING_CONTENT", exc.message, hint=exc.remedy)


@refusal_of.register
def _template_refused(exc: RenderRefused) -> RequestRefusedError:
    return _of_template("TEMPLATE_RENDER_ERROR", exc)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown path (Django's handler404)."""
    if is_api_path(request.path):
        return error_response(Http404(), request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure outside of any view (Django's handler500)."""
    exc = sys.exception()
    known = refusal_of(exc) if isinstance(exc, Exception) else None
    refusal = known or RequestRefusedError("INTERNAL_ERROR")
    if is_api_path(request.path):
        return refusal_response(refusal, request)
    page = error_page(refusal, request, request_id_of(request))
    return _with_headers(page, refusal, request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before any view (Django's handler400)."""
    if is_api_path(request.path):
        return error_response(exception, request)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a refused permission (Django's handler403)."""
    if is_api_path(request.path):
        return error_response(exception, request)
    return defaults.permission_denied(request, exception)


def _of_template(code: str, exc: TemplateError | RenderRefused) -> RequestRefusedError:
    details = {"code": exc.code, "line": exc.line, "column": exc.column}
    return RequestRefusedError(code, exc.message, hint=exc.remedy, details=details)


def _with_problems(problems: list[str]) -> RequestRefusedError:
    first = problems[0] if problems else ""
    return RequestRefusedError(
        "INVALID_PARAMETER", first, details={"problems": problems}
    )


def _flat(detail: object, path: str) -> Iterator[str]:
    """Give the messages of a form or serializer, each with the field it is about."""
    if isinstance(detail, Mapping):
        dot = "." if path else ""
        for name, value in detail.items():
            yield from _flat(value, f"{path}{dot}{name}")
    elif isinstance(detail, list):
        for value in detail:
            yield from _flat(value, path)
    else:
        yield f"{path}: {detail}" if path else str(detail)
