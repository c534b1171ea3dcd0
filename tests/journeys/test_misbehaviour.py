"""Providers that misbehave: where each delivery ends, why, and how it goes on."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.journeys.calls import SEND, Api
from tests.journeys.sandbox import Sandbox
from tests.journeys.service import SEND_DEADLINE, Service
from tests.waiting import wait_until

pytestmark = pytest.mark.journey

LONGER_THAN_ANYONE_WAITS = 10 * SEND_DEADLINE
CONTENT = {"content": "Hello"}


def assert_explained(page: Any, code: str, beneath: str = "") -> None:
    """Check that somebody who knows nothing is told everything."""
    explanation = page["explanation"]
    assert explanation["id"] == code
    assert explanation["evidence"].get("underlying_error", "") == beneath
    for name in ("severity", "who", "title", "cause", "evidence", "remedy", "verify"):
        assert explanation[name], name
    assert explanation["evidence"]["status"] == page["log"]["status"]
    assert explanation["evidence"]["attempts"] == page["log"]["attempts"]


def resent(service: Service, message_id: str) -> Any:
    """Send a message again and return its page; it must arrive this time."""
    path = f"/api/notifications/{message_id}/resend"
    state = service.api.expect(200, "POST", path)["data"]
    # A worker may have taken it before the answer was read.
    assert state["status"] in {"pending", "sending", "sent"}
    return service.sent(message_id)


@pytest.mark.parametrize(
    ("kind", "mode", "code", "tries"),
    [
        ("webhook", "server_error", "http_500", 3),
        ("telegram", "server_error", "http_500", 3),
        ("slack", "server_error", "rollup_error", 3),
        ("lark", "garbage", "answer_unreadable", 3),
        ("telegram", "reset", "connection_reset", 3),
        ("lark", "refused", "19021", 1),
        ("slack", "refused", "action_prohibited", 1),
        ("webhook", "refused", "http_422", 1),
        ("webhook", "redirect", "http_3xx", 1),
        ("lark", "redirect", "http_3xx", 1),
    ],
)
def test_a_failure_is_explained_and_a_resend_arrives(
    service: Service, sandbox: Sandbox, kind: str, mode: str, code: str, tries: int
) -> None:
    user = service.new_user((kind,))
    sandbox.behave(kind, mode)
    [message_id] = service.api.send(user_id=user, custom_content=CONTENT)
    page = service.settled(message_id)
    assert page["log"]["status"] == "failed"
    assert page["log"]["attempts"] == tries
    assert page["log"]["error_code"] == code
    if tries > 1:
        assert_explained(page, "retries_exhausted", beneath=code)
    else:
        assert_explained(page, code)
    sandbox.behave_well()
    again = resent(service, message_id)
    assert again["explanation"] is None
    assert again["log"]["attempts"] == tries + 1


def test_a_channel_that_is_gone_is_switched_off_until_it_is_saved_again(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user(("telegram",))
    sandbox.behave("telegram", "refused")
    [message_id] = api.send(user_id=user, custom_content=CONTENT)
    page = service.settled(message_id)
    assert (page["log"]["status"], page["log"]["attempts"]) == ("failed", 1)
    assert_explained(page, "bot_blocked")

    path = f"/api/users/{user}/configs/telegram"

    def off_because() -> str:
        # It is written after the log, in a transaction of its own.
        return str(api.expect(200, "GET", path)["data"]["disabled_reason"] or "")

    assert "bot_blocked" in wait_until(off_because, "the config is off")
    form = {"user_id": user, "custom_content": CONTENT}
    refusal = api.expect(400, "POST", SEND, form)
    assert refusal["code"] == "USER_NO_CHANNELS"

    sandbox.behave_well()
    config = sandbox.configs(user)["telegram"]
    api.expect(200, "PUT", path, {"config_data": config})
    resent(service, message_id)


def test_a_redirect_is_not_followed(service: Service, sandbox: Sandbox) -> None:
    user = service.new_user(("webhook",))
    sandbox.behave("webhook", "redirect")
    [message_id] = service.api.send(
        user_id=user, custom_content={"content": f"Hello {user}"}
    )
    service.settled(message_id)
    arrived = sandbox.arrived(user)
    assert [message["status"] for message in arrived] == [307]


# A webhook's limits are its host's: a wait would hold up all journeys' webhooks.
@pytest.mark.parametrize("kind", ["telegram", "slack"])
def test_the_wait_that_a_provider_asks_for_is_kept_even_by_a_retry_by_hand(
    service: Service, api: Api, sandbox: Sandbox, kind: str
) -> None:
    user = service.new_user((kind,))
    sandbox.behave(kind, "rate_limited", seconds=60)
    content = {"content": f"Hello {user}"}
    [message_id] = api.send(user_id=user, custom_content=content)
    page = service.wait_for(
        message_id, lambda log: log["status"] == "retrying", "it waits"
    )
    ended = page["timeline"][2]
    assert ended["retry_after_seconds"] == 60
    until = datetime.fromisoformat(ended["at"]) + timedelta(seconds=60)
    assert waits_until(page["log"], until)
    assert page["log"]["retry_count"] == 0  # being asked to wait costs no try
    assert_explained(page, page["log"]["error_code"])
    assert page["explanation"]["evidence"]["retry_after_seconds"] == 60

    sandbox.behave_well()
    settle = {"taskIds": [message_id], "markAsFailed": True}
    cleared = api.expect(200, "POST", "/api/queue/clear-retries", settle)
    assert cleared["data"]["updated"] == 1
    retry = api.expect(200, "POST", "/api/notifications/retry", {"ids": [message_id]})
    assert retry["data"]["queued"] == 1
    service.wait_for(
        message_id, lambda log: waits_until(log, until), "the retry waits as well"
    )
    assert len(sandbox.arrived(user)) == 1


def waits_until(log: Any, moment: datetime) -> bool:
    return datetime.fromisoformat(log["next_attempt_at"]) >= moment


def test_a_short_wait_ends_by_itself(service: Service, sandbox: Sandbox) -> None:
    user = service.new_user(("slack",))
    sandbox.behave("slack", "rate_limited", seconds=1, count=1)
    [message_id] = service.api.send(user_id=user, custom_content=CONTENT)
    page = service.sent(message_id)
    assert page["log"]["attempts"] == 2
    outcomes = [event.get("outcome") for event in page["timeline"]]
    assert [outcome for outcome in outcomes if outcome] == ["failed", "ok"]


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("hang", "response_timeout"),
        ("slow", "response_timeout"),
        ("reset", "connection_reset"),
    ],
)
def test_what_may_have_arrived_is_held_where_twice_is_worse_than_never(
    service: Service, api: Api, sandbox: Sandbox, mode: str, code: str
) -> None:
    user = service.new_user(("webhook",))
    path = f"/api/users/{user}/configs/webhook"
    config = sandbox.configs(user)["webhook"]
    careful = {"config_data": config, "guarantee": "at_most_once"}
    api.expect(200, "PUT", path, careful)
    sandbox.behave("webhook", mode, seconds=LONGER_THAN_ANYONE_WAITS)
    [message_id] = api.send(user_id=user, custom_content=CONTENT)
    page = service.settled(message_id)
    assert (page["log"]["status"], page["log"]["attempts"]) == ("unknown", 1)
    assert_explained(page, "outcome_unknown", beneath=code)
    sandbox.behave_well()
    assert resent(service, message_id)["log"]["may_duplicate"] is True


def test_what_may_have_arrived_is_sent_again_with_the_same_id(
    service: Service, sandbox: Sandbox
) -> None:
    user = service.new_user(("webhook",))
    sandbox.behave("webhook", "hang", count=1)
    [message_id] = service.api.send(
        user_id=user, custom_content={"content": f"Hello {user}"}
    )
    page = service.sent(message_id)
    assert page["log"]["may_duplicate"] is True
    first, second = sandbox.arrived(user)
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]


def test_a_slow_answer_within_the_deadline_is_a_success(
    service: Service, sandbox: Sandbox
) -> None:
    user = service.new_user(("lark",))
    sandbox.behave("lark", "slow", seconds=1)
    [message_id] = service.api.send(user_id=user, custom_content=CONTENT)
    assert service.sent(message_id)["log"]["attempts"] == 1


def test_an_answer_of_five_megabytes_is_read_to_its_limit_only(
    service: Service, sandbox: Sandbox
) -> None:
    user = service.new_user(("webhook",))
    sandbox.behave("webhook", "huge")
    [message_id] = service.api.send(user_id=user, custom_content=CONTENT)
    assert service.sent(message_id)["log"]["attempts"] == 1
