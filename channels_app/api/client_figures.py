"""Counting each request of a known API client, once its answer is there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from channels_app.models import ApiClient
from channels_app.services.client_figures import add_figures_when_due, count_request

_KEPT_AS = "notifications.client_id"
_FIRST_REFUSAL = 400


def note_caller(request: HttpRequest, client: ApiClient) -> None:
    """Remember in whose name a request comes, well signed or not."""
    request.META[_KEPT_AS] = client.pk


def count_answer(request: HttpRequest, response: HttpResponseBase) -> None:
    """Count a request and, if it was refused, its refusal, on its client."""
    client_id = request.META.get(_KEPT_AS)
    if client_id is not None:
        count_request(client_id, is_refused=response.status_code >= _FIRST_REFUSAL)
    add_figures_when_due()
