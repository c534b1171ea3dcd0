"""No client sees or touches what is another's, nor what is of users it is not for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import URLResolver, get_resolver
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channels_app.models import (
    ApiClient,
    DedupeWindow,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    Status,
    UserConfig,
)
from channels_app.selectors.clients import forget_signers
from tests.channels_app.rows import (
    NOON,
    make_attempt,
    make_client,
    make_config,
    make_log,
    secret_of,
)
from tests.conftest import signature_headers

pytestmark = pytest.mark.django_db

USER = "u1"
OF_NOBODY = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> Any:
        return self.body.get("code")


def ask(key_id: str, method: str, path: str, body: object = None) -> Reply:
    raw = b"" if body is None else json.dumps(body).encode()
    headers = signature_headers(method, path, raw, secret_of(key_id))
    answer = Client().generic(
        method,
        path,
        raw,
        content_type="application/json",
        headers={**headers, "X-Key-Id": key_id},
        RAW_URI=path,
    )
    return Reply(answer.status_code, json.loads(answer.content))


@dataclass(frozen=True)
class Rows:
    """What the owner has: a config, a delivery in each state that somebody may move."""

    failed: NotificationLog
    pending: NotificationLog
    retrying: NotificationLog
    sent: NotificationLog
    held: NotificationLog

    def fill(self, text: str) -> str:
        for name in ("failed", "pending", "retrying", "sent", "held"):
            log: NotificationLog = getattr(self, name)
            text = text.replace(f"<{name}>", log.message_id)
            text = text.replace(f"<{name}.id>", str(log.pk))
        return text


@pytest.fixture
def owner() -> ApiClient:
    return make_client("owner")


@pytest.fixture
def other() -> ApiClient:
    return make_client("other")


@pytest.fixture
def rows(owner: ApiClient) -> Rows:
    config = make_config(owner, USER)
    settled = {"config": config, "settled_at": NOON}
    found = Rows(
        failed=make_log(owner, status=Status.FAILED, error_code="x", **settled),
        pending=make_log(owner, config=config, send_at=NOON),
        retrying=make_log(owner, status=Status.RETRYING, config=config),
        sent=make_log(owner, status=Status.SENT, sent_at=NOON, **settled),
        held=make_log(owner, status=Status.UNKNOWN, config=config),
    )
    make_attempt(found.failed, 1)
    return found


def state_of(client: ApiClient) -> list[str]:
    """Return everything that is stored for a client, to see whether it stays so."""
    kept: list[QuerySet[Any]] = [
        UserConfig.objects.filter(client=client),
        NotificationLog.objects.filter(client=client),
        DeliveryAttempt.objects.filter(log__client=client),
        IdempotencyKey.objects.filter(client_id=client.pk),
        DedupeWindow.objects.filter(client_id=client.pk),
    ]
    return [str(row) for rows in kept for row in rows.order_by("pk").values()]


Check = Callable[[Reply], bool]


def is_missing(reply: Reply) -> bool:
    return (reply.status, reply.code) == (404, "NOT_FOUND")


def is_empty(reply: Reply) -> bool:
    return reply.status == 200 and reply.data == []


def has_no_logs(reply: Reply) -> bool:
    data = reply.data
    return reply.status == 200 and data["logs"] == [] and data["total"] == 0


def found_nothing(reply: Reply) -> bool:
    counts = [value for value in reply.data.values() if isinstance(value, int)]
    return reply.status == 200 and bool(counts) and not any(counts)


def sent_nothing(reply: Reply) -> bool:
    body = reply.body
    return not any(body[f"total{name}"] for name in ("Sent", "Failed", "Retries"))


def is_own_first(reply: Reply) -> bool:
    return reply.status == 201 and reply.data["user_id"] == USER


def has_no_channels(reply: Reply) -> bool:
    return (reply.status, reply.code) == (400, "USER_NO_CHANNELS")


def refused_in_its_row(reply: Reply) -> bool:
    [row] = reply.body["results"]
    return (reply.status, row["code"]) == (202, "USER_NO_CHANNELS")


@dataclass(frozen=True)
class Call:
    """A call of an endpoint with what is the owner's, and what another gets of it.

    `unreached` is what the owner gets itself, while it is not for the user.
    """

    endpoint: str
    method: str
    path: str
    check: Check
    body: object = None
    unreached: Check | None = field(default=None)

    def made_by(self, key_id: str, rows: Rows) -> Reply:
        body = None
        if self.body is not None:
            body = json.loads(rows.fill(json.dumps(self.body)))
        return ask(key_id, self.method, rows.fill(self.path), body)


def is_forbidden(reply: Reply) -> bool:
    return (reply.status, reply.code) == (403, "FORBIDDEN")


def forbidden_in_its_row(reply: Reply) -> bool:
    [row] = reply.body["results"]
    return (reply.status, row["code"]) == (202, "FORBIDDEN")


HELLO = {"user_id": USER, "custom_content": {"content": "hello"}}
ONCE = {**HELLO, "idempotency_key": "same", "dedupe_key": "same"}
HOOK = {"webhook_url": "https://open.larksuite.com/open-apis/bot/v2/hook/mine"}
CONFIG = {"channel_type": "lark", "config_data": HOOK}
IDS = ["<failed>", "<retrying>", "<sent>", "<held>"]

CALLS = [
    Call(
        "api-send",
        "POST",
        "/api/notifications/send",
        has_no_channels,
        ONCE,
        is_forbidden,
    ),
    Call(
        "api-send-alias",
        "POST",
        "/api/send-notification",
        has_no_channels,
        HELLO,
        is_forbidden,
    ),
    Call(
        "api-send-batch",
        "POST",
        "/api/notifications/send-batch",
        refused_in_its_row,
        {"notifications": [ONCE]},
        forbidden_in_its_row,
    ),
    Call("api-configs", "GET", "/api/user-configs", is_empty),
    Call("api-configs", "GET", f"/api/user-configs?user_id={USER}", is_empty),
    Call("api-configs", "DELETE", f"/api/user-configs?user_id={USER}", is_missing),
    Call(
        "api-configs",
        "POST",
        "/api/user-configs",
        is_own_first,
        {"user_id": USER, **CONFIG},
        is_forbidden,
    ),
    Call("api-user-configs", "GET", f"/api/users/{USER}/configs", is_empty),
    Call("api-user-config", "GET", f"/api/users/{USER}/configs/lark", is_missing),
    Call("api-user-config", "DELETE", f"/api/users/{USER}/configs/lark", is_missing),
    Call(
        "api-user-config",
        "PUT",
        f"/api/users/{USER}/configs/lark",
        is_own_first,
        CONFIG,
        is_missing,
    ),
    Call(
        "api-user-configs",
        "PUT",
        f"/api/users/{USER}/configs",
        lambda reply: reply.status == 200 and reply.body["meta"] == {"total": 1},
        {"configs": [CONFIG]},
        is_missing,
    ),
    Call("api-logs", "GET", "/api/notification-logs", has_no_logs),
    Call("api-logs", "GET", f"/api/notification-logs?user_id={USER}", has_no_logs),
    Call("api-log", "DELETE", "/api/notification-logs/<sent.id>", is_missing),
    Call("api-log", "DELETE", "/api/notification-logs/<pending.id>", is_missing),
    Call(
        "api-logs-cleanup",
        "DELETE",
        "/api/notification-logs/cleanup?days=1",
        lambda reply: reply.data["deleted_count"] == 0,
    ),
    Call("api-message", "GET", "/api/notifications/<failed>", is_missing),
    Call("api-message", "GET", "/api/notifications/<sent>", is_missing),
    Call("api-cancel", "POST", "/api/notifications/<pending>/cancel", is_missing),
    Call("api-cancel", "POST", "/api/notifications/<sent>/cancel", is_missing),
    Call("api-resend", "POST", "/api/notifications/<failed>/resend", is_missing),
    Call("api-resend", "POST", "/api/notifications/<sent>/resend", is_missing),
    Call("api-resend", "POST", "/api/notifications/<held>/resend", is_missing),
    Call("api-retry", "POST", "/api/notifications/retry", found_nothing, {}),
    Call("api-retry", "POST", "/api/notifications/retry", found_nothing, {"ids": IDS}),
    Call(
        "api-retry",
        "POST",
        "/api/notifications/retry",
        found_nothing,
        {"ids": IDS, "dry_run": True, "include_old": True},
    ),
    Call("api-clear-retries", "POST", "/api/queue/clear-retries", found_nothing, {}),
    Call(
        "api-clear-retries",
        "POST",
        "/api/queue/clear-retries",
        found_nothing,
        {"taskIds": IDS},
    ),
    Call("api-metrics", "GET", f"/api/metrics?user_id={USER}&days=90", sent_nothing),
]
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


def name_of(call: Call) -> str:
    return f"{call.method} {call.path} {json.dumps(call.body) if call.body else ''}"


def endpoints() -> Iterator[str]:
    """Name the addresses that programs call: all but the admin's and the site's."""
    for included in get_resolver().url_patterns:
        if isinstance(included, URLResolver) and not str(included.pattern):
            for pattern in included.url_patterns:
                yield str(getattr(pattern, "name", pattern))


def test_every_endpoint_is_in_the_table_or_shared() -> None:
    named = {call.endpoint for call in CALLS}
    assert not named & SHARED
    assert set(endpoints()) == named | SHARED


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
    ids=str,
)
def test_a_scope_that_is_lacking_is_named(
    rows: Rows, scopes: list[str], call: Call
) -> None:
    make_client("small", scopes)
    reply = call.made_by("small", rows)
    assert is_forbidden(reply), reply
    assert reply.body["details"]["required_scope"] not in scopes


ANY_ID = st.one_of(
    st.uuids().map(str),
    st.text(st.sampled_from("0123456789abcdefABCDEFxyz-"), min_size=36, max_size=36),
    st.sampled_from([OF_NOBODY, "f" * 36, "-" * 36, "0" * 36]),
)
ANY_USER = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(["u1", "U1", "u1 ", "u%", "_1", "u*", "*", "..", "u1\x00", "ü1"]),
)
MESSAGE_CALLS = [("GET", ""), ("POST", "/cancel"), ("POST", "/resend")]
fuzzed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@fuzzed
@given(message_id=ANY_ID, call=st.sampled_from(MESSAGE_CALLS))
def test_a_made_up_message_id_is_not_found(
    other: ApiClient, rows: Rows, message_id: str, call: tuple[str, str]
) -> None:
    method, end = call
    reply = ask("other", method, f"/api/notifications/{message_id}{end}")
    assert is_missing(reply), reply


@fuzzed
@given(log_id=st.integers(min_value=0, max_value=2**70))
@example(log_id=2**63 - 1)
@example(log_id=2**63)
def test_a_made_up_log_id_is_not_found(
    other: ApiClient, rows: Rows, log_id: int
) -> None:
    reply = ask("other", "DELETE", f"/api/notification-logs/{log_id}")
    assert is_missing(reply), reply


@fuzzed
@given(user_id=ANY_USER, method=st.sampled_from(["GET", "DELETE"]))
def test_a_made_up_user_has_no_config(
    other: ApiClient, rows: Rows, user_id: str, method: str
) -> None:
    name = quote(user_id.encode("utf-8", "replace"), safe="")
    reply = ask("other", method, f"/api/users/{name}/configs/lark")
    assert (reply.status, reply.code) in {
        (404, "NOT_FOUND"),
        (400, "INVALID_PARAMETER"),
    }, reply


@fuzzed
@given(user_id=ANY_USER)
def test_a_made_up_user_out_of_reach_is_not_found(
    other: ApiClient, rows: Rows, user_id: str
) -> None:
    ApiClient.objects.filter(pk=other.pk).update(allowed_users=["only-this-one"])
    forget_signers()
    name = quote(user_id.encode("utf-8", "replace"), safe="")
    for path, body in (("/lark", CONFIG), ("", {"configs": [CONFIG]})):
        reply = ask("other", "PUT", f"/api/users/{name}/configs{path}", body)
        assert reply.status in {404, 400}, reply
        assert reply.status == 404 or reply.code == "INVALID_PARAMETER"
    assert not UserConfig.objects.filter(client=other).exists()
