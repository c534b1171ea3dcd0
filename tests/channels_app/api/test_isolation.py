"""No client sees or touches what is another's, nor what is of users it is not for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import URLResolver, get_resolver

from channels_app.models import ApiClient, NotificationLog
from channels_app.selectors.clients import forget_signers
from tests.channels_app.api.calls_of_others import (
    CALLS,
    ONCE,
    USER,
    Call,
    Rows,
    ask,
    is_forbidden,
    name_of,
    rows_of,
    state_of,
)
from tests.channels_app.rows import make_client, make_config

pytestmark = pytest.mark.django_db

# Nothing in these belongs to a client: they are open, the operator's, or for all alike.
SHARED = {
    "livez",
    "readyz",
    "health",
    "api-health",
    "scheduled-tasks",
    "api-queue",
    "metrics",
    "api-db-schema",
    "api-db-migrate",
    "api-clear-queue",
    "api-clear-cache",
    "api-task-runs",
    "api-run-task",
    "api-schema",
    "api-docs",
    "api-templates",
    "api-template",
    "api-template-content",
    "api-render",
}
# They open by a password or a token of one client's, and send as that client.
OTHER_DOORS = {"api-alerts", "api-alerts-alias", "api-bridge"}


@pytest.fixture
def owner() -> ApiClient:
    return make_client("owner")


@pytest.fixture
def other() -> ApiClient:
    return make_client("other")


@pytest.fixture
def rows(owner: ApiClient) -> Rows:
    return rows_of(owner)


def endpoints() -> Iterator[str]:
    """Name the addresses that programs call: all but the admin's and the site's."""
    for included in get_resolver().url_patterns:
        if isinstance(included, URLResolver) and not str(included.pattern):
            for pattern in included.url_patterns:
                yield str(getattr(pattern, "name", pattern))


def test_every_endpoint_is_in_the_table_or_shared() -> None:
    named = {call.endpoint for call in CALLS}
    assert not named & SHARED
    assert set(endpoints()) == named | SHARED | OTHER_DOORS


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_another_client_finds_nothing_and_moves_nothing(
    owner: ApiClient, other: ApiClient, rows: Rows, call: Call
) -> None:
    before = state_of(owner)
    reply = call.made_by(other.key_id, rows)
    assert call.check(reply), reply
    assert state_of(owner) == before


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_a_user_out_of_reach_is_as_one_that_does_not_exist(
    owner: ApiClient, rows: Rows, call: Call
) -> None:
    ApiClient.objects.filter(pk=owner.pk).update(allowed_users=["team-*", "alice"])
    forget_signers()
    before = state_of(owner)
    reply = call.made_by(owner.key_id, rows)
    check = call.unreached or call.check
    assert check(reply), reply
    assert state_of(owner) == before


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_not_even_admin_reaches_users_it_is_not_for(
    owner: ApiClient, rows: Rows, call: Call
) -> None:
    admin = make_client("boss", ["admin"])
    ApiClient.objects.filter(pk=admin.pk).update(allowed_users=["team-*"])
    before = state_of(owner)
    reply = call.made_by(admin.key_id, rows)
    check = call.unreached or call.check
    assert check(reply), reply
    assert state_of(owner) == before


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_the_owner_itself_gets_something_else(
    owner: ApiClient, rows: Rows, call: Call
) -> None:
    """Without this, a table of calls that nobody can make would pass as well."""
    reply = call.made_by(owner.key_id, rows)
    assert reply.status in {200, 201, 202, 409}, reply
    assert reply.code != "NOT_FOUND"


def test_the_admin_scope_sees_what_is_anothers(owner: ApiClient, rows: Rows) -> None:
    make_client("boss", ["admin"])
    found = ask("boss", "GET", "/api/notification-logs")
    assert found.data["total"] == 5
    assert ask("boss", "GET", rows.fill("/api/notifications/<sent>")).status == 200
    assert len(ask("boss", "GET", "/api/user-configs").data) == 1


def test_keys_and_windows_are_each_clients_own(
    owner: ApiClient, other: ApiClient
) -> None:
    for client in (owner, other):
        make_config(client, USER)
    replies = [
        ask(client.key_id, "POST", "/api/notifications/send", ONCE)
        for client in (owner, other)
    ]
    assert [reply.status for reply in replies] == [202, 202]
    [first], [second] = (reply.body["results"] for reply in replies)
    assert first["messageId"] != second["messageId"]
    assert "deduplicated" not in second
    batch = ask(
        other.key_id,
        "POST",
        "/api/notifications/send-batch",
        {"notifications": [ONCE, {**ONCE, "custom_content": {"content": "other"}}]},
    )
    repeated, reused = batch.body["results"]
    assert repeated["results"][0]["messageId"] == second["messageId"]
    assert reused["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(
    ("scopes", "call"),
    [
        (
            [scope for scope in ("send", "configs", "logs", "ops") if scope != needed],
            call,
        )
        for needed, call in [
            ("send", CALLS[0]),
            ("send", CALLS[2]),
            ("configs", CALLS[3]),
            ("configs", CALLS[11]),
            ("logs", CALLS[12]),
            ("logs", CALLS[17]),
            ("send", CALLS[19]),
            ("send", CALLS[21]),
            ("ops", CALLS[24]),
            ("ops", CALLS[27]),
            ("ops", CALLS[29]),
        ]
    ],
    ids=lambda given: name_of(given) if isinstance(given, Call) else "+".join(given),
)
def test_a_scope_that_is_lacking_is_named(
    rows: Rows, scopes: list[str], call: Call
) -> None:
    make_client("small", scopes)
    reply = call.made_by("small", rows)
    assert is_forbidden(reply), reply
    assert reply.body["details"]["required_scope"] not in scopes


def test_alerts_reach_only_the_users_of_their_client(settings: LazySettings) -> None:
    settings.BASIC_AUTH_USER, settings.BASIC_AUTH_PASSWORD = "grafana", "p" * 20
    ApiClient.objects.filter(key_id="default").update(allowed_users=["team-*"])
    login = base64.b64encode(b"grafana:" + b"p" * 20).decode()
    alerts = [{"status": "firing", "labels": {"alertname": "Disk"}, "annotations": {}}]
    body: dict[str, Any] = {"receiver": USER, "status": "firing", "alerts": alerts}
    answer = Client().post(
        "/api/webhooks/grafana",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {login}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert not NotificationLog.objects.exists()
