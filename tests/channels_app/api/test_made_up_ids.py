"""Ids that somebody made up: nothing is found, whoever may own what is like it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channels_app.models import ApiClient, UserConfig
from channels_app.selectors.clients import forget_signers
from tests.channels_app.api.calls_of_others import (
    CONFIG,
    Rows,
    ask,
    is_missing,
    rows_of,
)
from tests.channels_app.rows import make_client

pytestmark = pytest.mark.django_db

OF_NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def other() -> ApiClient:
    return make_client("other")


@pytest.fixture
def rows() -> Rows:
    return rows_of(make_client("owner"))


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
