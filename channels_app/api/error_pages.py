"""What people read where programs get an envelope: a page that needs no database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from channels_app.services.refusals import RequestRefusedError

_TEMPLATE = "error.html"


def error_page(
    refusal: RequestRefusedError, request: HttpRequest, request_id: str
) -> HttpResponse:
    """Return the page of a failure; one that passes by is asked for again by itself."""
    comes_again = bool(refusal.retry_after) and request.method == "GET"
    shown = {
        "refusal": refusal,
        "request_id": request_id,
        "comes_again": comes_again,
    }
    # Without the request: what it brings to templates would be read from the database.
    response = HttpResponse(render_to_string(_TEMPLATE, shown), status=refusal.status)
    if comes_again:
        response["Refresh"] = str(refusal.retry_after)
    return response
