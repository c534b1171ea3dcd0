"""The RateLimit headers: what is left of the limit that a request counted on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from channels_app.services.limits import Allowance

_KEPT_AS = "notifications.allowance"


def keep_allowance(request: HttpRequest, allowance: Allowance | None) -> None:
    """Remember what is left, for the headers of the answer."""
    request.META[_KEPT_AS] = allowance


def add_rate_headers(response: HttpResponseBase, request: HttpRequest) -> None:
    """Write RateLimit and RateLimit-Policy, if the request counted on a limit."""
    allowance = request.META.get(_KEPT_AS)
    if not isinstance(allowance, Allowance):
        return
    limit = allowance.limit
    response["RateLimit-Policy"] = f'"{limit.name}";q={limit.quota};w={limit.seconds}'
    response["RateLimit"] = (
        f'"{limit.name}";r={allowance.remaining};t={allowance.reset_seconds}'
    )
