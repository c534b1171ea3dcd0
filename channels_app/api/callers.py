"""Where a request comes from: the address that limits count on."""

from __future__ import annotations

from django.http import HttpRequest

from channels_app.services.callers import counted_address


def caller_address(request: HttpRequest) -> str:
    """Return who is counted for a request."""
    return counted_address(str(request.META.get("REMOTE_ADDR", "")))
