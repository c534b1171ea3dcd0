"""Every endpoint that is signed asks for a scope, and a client without it is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLResolver, get_resolver
from rest_framework.permissions import AllowAny

from channels_app.api.authentication import IsSigned
from channels_app.models import Scope
from tests.channels_app.api.calls_of_others import CALLS, Call, ask, is_forbidden
from tests.channels_app.rows import make_client

# They open by a key of the settings, or are open to everybody but for their details.
WITHOUT_SCOPE = {"api-clear-queue", "api-clear-cache", "health", "api-health"}


def views() -> Iterator[tuple[str, type]]:
    for included in get_resolver().url_patterns:
        if isinstance(included, URLResolver) and not str(included.pattern):
            for pattern in included.url_patterns:
                view = getattr(getattr(pattern, "callback", None), "cls", None)
                if view is not None:
                    yield str(getattr(pattern, "name", "")), view


def test_every_signed_endpoint_asks_for_a_scope() -> None:
    found = dict(views())
    lacking = {
        name
        for name, view in found.items()
        if AllowAny not in getattr(view, "permission_classes", ())
        and getattr(view, "required_scope", "") not in Scope.values
    }
    assert lacking <= WITHOUT_SCOPE
    signed = [
        name
        for name, view in found.items()
        if IsSigned in getattr(view, "permission_classes", ())
    ]
    assert len(signed) > 20


@pytest.mark.django_db
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_without_its_scope_a_call_is_forbidden_and_names_it(call: Call) -> None:
    """Ids are filled in with nothing: a scope is asked for before anything is found."""
    make_client("none", [])
    path = call.path.replace("<", "").replace(">", "").replace(".id", "")
    for name in ("failed", "pending", "retrying", "sent", "held"):
        is_log = path.startswith(f"/api/notification-logs/{name}")
        path = path.replace(f"/{name}", "/1" if is_log else "/" + "0" * 36)
    reply = ask("none", call.method, path, call.body)
    assert is_forbidden(reply), reply
    assert reply.body["details"]["required_scope"] in Scope.values
