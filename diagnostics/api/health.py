"""The health endpoints: open, quick, and never hanging on a dead database."""

from __future__ import annotations

import platform
from typing import Any

import django
from django.conf import settings
from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from channels_app.services.refusals import RequestRefusedError
from channels_app.services.shared_keys import require_key
from diagnostics.api import schema
from diagnostics.services.health import Health, HealthState, health_state
from diagnostics.services.reports import findings_in, last_report
from diagnostics.services.timed import ask

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


class LiveView(OpenView):
    """GET /livez: the process answers; nothing else is touched."""

    @extend_schema(
        operation_id="get_liveness",
        summary="Say that the process answers",
        auth=[],
        responses={200: OpenApiResponse(schema.ALIVE, "It answers.")},
    )
    def get(self, request: Request) -> JsonResponse:
        return _uncached({"status": "alive"}, 200)


class ReadyView(OpenView):
    """GET /readyz: database reachable, migrations applied, a worker at work."""

    @extend_schema(
        operation_id="get_readiness",
        summary="Say whether the service can do its work",
        auth=[],
        responses={
            200: OpenApiResponse(schema.READY, "Ready."),
            503: OpenApiResponse(schema.READY, "Not ready; `reasons` say why."),
        },
    )
    def get(self, request: Request) -> JsonResponse:
        reasons = health_state().reasons
        if not reasons:
            return _uncached({"status": "ready", "reasons": []}, 200)
        return _uncached({"status": "not ready", "reasons": reasons}, 503)


class HealthView(OpenView):
    """GET /health: one word and a boolean for each part; details for operators."""

    @extend_schema(
        operation_id="get_health",
        summary="Say how the service is",
        parameters=[
            OpenApiParameter("detailed", bool, description="Show all; for operators.")
        ],
        responses={
            200: OpenApiResponse(schema.HEALTH, "Healthy or degraded."),
            503: OpenApiResponse(schema.HEALTH, "Unhealthy."),
        },
    )
    def get(self, request: Request) -> JsonResponse:
        """Say it in one word, with a boolean for each part.

        `detailed=true` adds `checks`, `database`, `cache`, `queue` and `versions`, and
        needs a signature, an admin's session or `X-Admin-Key`.
        """
        is_detailed = request.GET.get("detailed", "").lower() in {"1", "true", "yes"}
        if is_detailed:
            _require_operator(request)
        report = health_state()
        body = _body(report)
        if is_detailed:
            body |= _details(report)
        return _uncached(body, 503 if report.health is Health.UNHEALTHY else 200)


def _body(report: HealthState) -> dict[str, Any]:
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


def _details(report: HealthState) -> dict[str, Any]:
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
        "report": _last_report() if report.database.is_good else None,
        "versions": {
            "python": platform.python_version(),
            "django": django.__version__,
        },
    }


def _last_report() -> dict[str, Any] | None:
    report = ask(last_report, seconds=1.0).value
    if report is None:
        return None
    found = [finding.as_dict() for finding in findings_in(report)]
    return {"made_at": report.started_at.isoformat(), "findings": found}


def _require_operator(request: Request) -> None:
    """Let in a signature, an admin session or X-Admin-Key; refuse all else."""
    given = request.headers.get("X-Admin-Key", "")
    if given and settings.ADMIN_KEY:
        remote = str(request.META.get("REMOTE_ADDR", ""))
        require_key(given, settings.ADMIN_KEY, setting="ADMIN_KEY", remote=remote)
        return
    if request.auth is not None:
        return
    if getattr(request.user, "is_staff", False):
        return
    raise RequestRefusedError(
        "MISSING_AUTH_HEADERS",
        _("The details of health are for operators."),
        hint=_("Sign the request, send X-Admin-Key, or log in to the admin."),
    )


def _uncached(body: dict[str, Any], status: int) -> JsonResponse:
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = _RETRY_SECONDS
    return response
