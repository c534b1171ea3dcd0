"""The health endpoints: open, quick, and never hanging on a dead database."""

from __future__ import annotations

import hmac
import platform
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from channels_app.services.refusals import RequestRefusedError
from diagnostics.services.health import Health, HealthReport, health_report

_RETRY_SECONDS = "5"


class OpenView(APIView):
    """Open to all; looks at who asks only when the view does."""

    authentication_classes = [
        *APIView.authentication_classes,
        SessionAuthentication,
    ]
    permission_classes = [AllowAny]

    def perform_authentication(self, request: Request) -> None:
        """Put authentication off: it may need the database."""


@extend_schema(exclude=True)
class LiveView(OpenView):
    """GET /livez: the process answers; nothing else is touched."""

    def get(self, request: Request) -> JsonResponse:
        return _uncached({"status": "alive"}, 200)


@extend_schema(exclude=True)
class ReadyView(OpenView):
    """GET /readyz: database reachable, migrations applied, a worker at work."""

    def get(self, request: Request) -> JsonResponse:
        reasons = health_report().reasons
        if not reasons:
            return _uncached({"status": "ready", "reasons": []}, 200)
        return _uncached({"status": "not ready", "reasons": reasons}, 503)


@extend_schema(exclude=True)
class HealthView(OpenView):
    """GET /health: one word and a boolean for each part; details for operators."""

    def get(self, request: Request) -> JsonResponse:
        is_detailed = request.GET.get("detailed", "").lower() in {"1", "true", "yes"}
        if is_detailed:
            _require_operator(request)
        report = health_report()
        body = _body(report)
        if is_detailed:
            body |= _details(report)
        return _uncached(body, 503 if report.health is Health.UNHEALTHY else 200)


def _body(report: HealthReport) -> dict[str, Any]:
    return {
        "status": report.health.value,
        "timestamp": timezone.now().isoformat(),
        "version": settings.VERSION,
        "services": {
            "database": report.database.is_good,
            "queue": report.is_queue_good,
            "cache": report.cache.is_good,
        },
    }


def _details(report: HealthReport) -> dict[str, Any]:
    state, queue = report.database.value, report.queue
    return {
        "checks": [*report.reasons, *report.notes],
        "database": {
            "latency_ms": report.database.latency_ms,
            "problem": report.database.problem,
            "vendor": state.vendor if state else None,
            "version": state.version if state else None,
            "missing_migrations": report.missing_migrations,
        },
        "cache": {
            "latency_ms": report.cache.latency_ms,
            "problem": report.cache.problem,
        },
        "queue": {
            "workers_alive": queue.workers_alive if queue else 0,
            "depth": dict(queue.depth) if queue else {},
            "oldest_due_seconds": queue.oldest_due_seconds if queue else None,
        },
        "versions": {
            "python": platform.python_version(),
            "django": django.__version__,
        },
    }


def _require_operator(request: Request) -> None:
    """Let in a signature, an admin session or X-Admin-Key; refuse all else."""
    if _has_admin_key(request) or request.auth is not None:
        return
    if getattr(request.user, "is_staff", False):
        return
    raise RequestRefusedError(
        "MISSING_AUTH_HEADERS",
        _("The details of health are for operators."),
        hint=_("Sign the request, send X-Admin-Key, or log in to the admin."),
    )


def _has_admin_key(request: HttpRequest) -> bool:
    given = request.headers.get("X-Admin-Key", "").encode()
    wanted = settings.ADMIN_KEY.encode()
    return bool(wanted) and hmac.compare_digest(given, wanted)


def _uncached(body: dict[str, Any], status: int) -> JsonResponse:
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = _RETRY_SECONDS
    return response
