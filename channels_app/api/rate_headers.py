"""The RateLimit headers: what is left of the limit that a request counted on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from channels_app.services.limits import Allowance, Limit, count_failure, take
from channels_app.services.refusals import RequestRefusedError

_KEPT_AS = "notifications.allowance"


def take_for(request: HttpRequest, limit: Limit, subject: str, cost: int = 1) -> None:
    """Take from a limit, and remember what is left for the headers of the answer.

    Raises RequestRefusedError(RATE_LIMITED) when over.
    """
    try:
        request.META[_KEPT_AS] = take(limit, subject, cost)
    except RequestRefusedError as refused:
        _keep_refusal(request, limit, refused)
        raise


def count_failure_for(request: HttpRequest, limit: Limit, subject: str) -> None:
    """Count a failure. Raises RequestRefusedError(RATE_LIMITED) when over."""
    try:
        count_failure(limit, subject)
    except RequestRefusedError as refused:
        _keep_refusal(request, limit, refused)
        raise


def keep_refusal(request: HttpRequest, refused: RequestRefusedError) -> None:
    """Remember a refusal by a limit that was counted where no request was at hand."""
    told = refused.details or {}
    if _KEPT_AS not in request.META and {"limit", "quota", "seconds"} <= set(told):
        limit = Limit(told["limit"], told["quota"], told["seconds"])
        _keep_refusal(request, limit, refused)


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


def _keep_refusal(
    request: HttpRequest, limit: Limit, refused: RequestRefusedError
) -> None:
    request.META[_KEPT_AS] = Allowance(limit, 0, refused.retry_after or 1)
