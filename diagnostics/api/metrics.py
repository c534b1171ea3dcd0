"""Metrics over HTTP: JSON for people and programs, text for Prometheus."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from channels_app.selectors.figures import Window
from channels_app.selectors.visibility import has_scope, may_reach
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.shared_keys import require_key
from diagnostics.api import schema
from diagnostics.metrics.figures import Figures, figures
from diagnostics.metrics.prometheus import exposition
from diagnostics.metrics.summary import summary

DAY = 24 * 3600
SCRAPED_SECONDS = 300
USUAL_DAYS = 7
MOST_DAYS = 90
NOBODY = 0
_BEARER = "bearer "

_QUERY = [
    OpenApiParameter("user_id", str, description="Only this user's deliveries."),
    OpenApiParameter(
        "days",
        {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": USUAL_DAYS},
        description="Deliveries accepted in so many days.",
    ),
]


class MetricsQuery(serializers.Serializer[dict[str, Any]]):
    """Whose figures, of how long."""

    user_id = serializers.CharField(required=False, max_length=100)
    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, default=USUAL_DAYS
    )


class SummaryView(APIView):
    """`/api/metrics`."""

    required_scope = "ops"

    @extend_schema(
        operation_id="get_metrics",
        summary="Show figures of deliveries, sends, the queue and caches",
        parameters=_QUERY,
        responses={200: OpenApiResponse(schema.METRICS, "The figures.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Show figures at most five seconds old; durations are in milliseconds.

        Deliveries are the client's own; with the scope `admin`, everybody's. Counting
        stops at the newest 100,000 of the window, and `window.is_capped` says so.
        """
        return _as_json(request)


class MetricsView(APIView):
    """`/metrics`: for a signature with the scope `ops`, or for METRICS_TOKEN."""

    required_scope = "ops"

    def check_permissions(self, request: Request) -> None:
        """Let in the scraper by its token, anybody else by signature."""
        given = request.headers.get("Authorization", "")
        if not given.lower().startswith(_BEARER):
            super().check_permissions(request)
            return
        if not settings.METRICS_TOKEN:
            raise RequestRefusedError(
                "INVALID_CREDENTIALS",
                _("No bearer token opens this address."),
                hint=_("Operators: set METRICS_TOKEN. Others: sign the request."),
            )
        require_key(
            given[len(_BEARER) :].strip(),
            settings.METRICS_TOKEN,
            setting="METRICS_TOKEN",
            remote=str(request.META.get("REMOTE_ADDR", "")),
        )

    @extend_schema(
        operation_id="scrape_metrics",
        summary="Show figures in Prometheus' text format",
        parameters=_QUERY,
        responses={
            (200, "text/plain"): OpenApiResponse(
                OpenApiTypes.STR, "Prometheus' text format; OpenMetrics on request."
            ),
            (200, "application/openmetrics-text"): OpenApiTypes.STR,
            (200, "application/json"): OpenApiResponse(schema.METRICS),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Show the last five minutes, and the process that answers.

        Signed or with the bearer token METRICS_TOKEN. `Accept: application/json` gets
        the JSON of `/api/metrics`; `user_id` and `days` count for that only.
        """
        accept = request.headers.get("Accept", "")
        if "json" in accept and "text" not in accept:
            return _as_json(request)
        text, content_type = exposition(_scraped(request), accept)
        return _uncached(HttpResponse(text, content_type=content_type))


def _as_json(request: Request) -> HttpResponse:
    given = {name: text for name, text in request.query_params.items() if text != ""}
    query = MetricsQuery(data=given)
    query.is_valid(raise_exception=True)
    user_id = query.validated_data.get("user_id")
    wanted = Window(
        seconds=query.validated_data["days"] * DAY,
        client_id=_client_id(request, user_id),
        user_id=user_id,
    )
    body = {"success": True, **summary(figures(wanted))}
    return _uncached(JsonResponse(body))


def _scraped(request: Request) -> Figures:
    return figures(Window(seconds=SCRAPED_SECONDS, client_id=_client_id(request)))


def _client_id(request: Request, user_id: str | None = None) -> int | None:
    """Return whose deliveries count; None for the scraper and for admin: all.

    A client that is for certain users only sees none of others, nor everybody's.
    """
    client = getattr(request.user, "client", None)
    if client is None:
        return None
    if user_id is not None and not may_reach(client, user_id):
        return NOBODY
    if has_scope(client, "admin") and not client.allowed_users:
        return None
    return int(client.pk)


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
