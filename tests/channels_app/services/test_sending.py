"""Accepting a notification: what is stored, and what is told of each channel."""

from datetime import UTC, datetime, timedelta

import pytest

from channels_app.delivery.reaper import reap
from channels_app.models import ApiClient, IdempotencyKey, NotificationLog, Status
from channels_app.services.sending import accept_notification
from channels_app.services.switches import set_switch
from tests.channels_app.rows import BOT_TOKEN, make_client, make_config
from tests.channels_app.services.accepting import (
    accept,
    logs,
    refusal_of,
    request,
    save,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_templates")]


IN_AN_HOUR = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


# What is stored


def test_all_active_channels_get_a_delivery_of_their_own(caller: ApiClient) -> None:
    make_config(caller, channel_type="slack", is_active=False)
    results = accept(caller)
    assert [result["channelType"] for result in results] == ["lark", "telegram"]
    for result in results:
        log = NotificationLog.objects.get(pk=result["logId"])
        assert result["message_id"] == result["messageId"] == log.message_id
        assert (result["status"], log.status) == ("pending", Status.PENDING)
        assert (log.content, log.request_id, log.user_id) == ("Hello", "r1", "u1")
        assert log.next_attempt_at == log.created_at


def test_another_clients_configs_are_not_used(caller: ApiClient) -> None:
    assert refusal_of(make_client()).code == "USER_NO_CHANNELS"


def test_two_users_of_one_bot_share_a_destination_and_others_do_not(
    caller: ApiClient,
) -> None:
    make_config(
        caller,
        "u2",
        channel_type="telegram",
        public_data={"chat_id": "43", "bot_token": BOT_TOKEN},
    )
    accept(caller)
    accept(caller, user_id="u2")
    one, two = NotificationLog.objects.filter(channel_type="telegram")
    assert one.destination == two.destination != logs()["lark"].destination
    assert BOT_TOKEN not in one.destination


def test_a_template_is_rendered_for_each_channel(caller: ApiClient) -> None:
    key = save("lark", "telegram")
    accept(caller, content=None, template_key=key, variables={"name": "Zoë 张三"})
    for log in logs().values():
        assert log.content == "Hello Zoë 张三"
        assert (log.template_key, log.template_version) == ("greet", 1)
        assert log.variables == {"name": "Zoë 张三"}


def test_without_channels_a_template_goes_where_it_has_content(
    caller: ApiClient,
) -> None:
    accept(caller, content=None, template_key=save("telegram"))
    assert list(logs()) == ["telegram"]


def test_reserved_variables_cannot_be_overridden(caller: ApiClient) -> None:
    key = save("lark", text="{{_user_id}} {{_message_id}} {{_timestamp}}")
    forged = dict.fromkeys(("_user_id", "_message_id", "_timestamp"), "forged")
    [result] = accept(caller, content=None, template_key=key, variables=forged)
    user, message_id, timestamp = logs()["lark"].content.split()
    assert (user, message_id) == ("u1", result["message_id"])
    assert datetime.fromisoformat(timestamp).tzinfo is not None


def test_a_scheduled_notification_is_due_when_it_says(caller: ApiClient) -> None:
    accept(caller, send_at=IN_AN_HOUR)
    for log in logs().values():
        assert log.send_at == IN_AN_HOUR
        assert log.next_attempt_at == IN_AN_HOUR
        assert log.status == Status.PENDING


def test_what_expires_before_it_is_sent_ends_as_expired(caller: ApiClient) -> None:
    accept(caller, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    reap()
    for log in logs().values():
        assert (log.status, log.error_code) == (Status.EXPIRED, "expired")


def test_a_paused_kind_is_accepted_and_waits(caller: ApiClient) -> None:
    for name in ("sending", "lark"):
        set_switch(name=name, is_enabled=False, changed_by="ann")
    assert {result["status"] for result in accept(caller)} == {"pending"}


# What fails in part


@pytest.mark.parametrize(
    ("kind", "code"),
    [("slack", "channel_not_configured"), ("webhook", "channel_disabled")],
)
def test_a_channel_that_cannot_be_used_fails_alone(
    caller: ApiClient, kind: str, code: str
) -> None:
    make_config(caller, channel_type="webhook", is_active=False)
    good, bad = accept(caller, channels=("lark", kind))
    assert (good["status"], bad["status"], bad["code"]) == ("pending", "failed", code)
    assert bad["error"]
    log = logs()[kind]
    assert (log.status, log.error_code) == (Status.FAILED, code)
    assert log.settled_at is not None
    assert logs()["lark"].status == Status.PENDING


def test_a_template_that_says_nothing_on_a_channel_fails_there_alone(
    caller: ApiClient,
) -> None:
    key = save("lark")
    channels = ("lark", "telegram")
    good, bad = accept(caller, content=None, template_key=key, channels=channels)
    assert good["status"] == "pending"
    assert (bad["status"], bad["code"]) == ("failed", "template_content_missing")


# Idempotency


def test_the_first_answer_is_given_again_even_when_nothing_is_taken_any_more(
    caller: ApiClient,
) -> None:
    asked = request(idempotency_key="k", fingerprint="f" * 64)
    first = accept_notification(client=caller, request=asked, request_id="r1")
    set_switch(name="maintenance", is_enabled=True, changed_by="ann")
    again = accept_notification(client=caller, request=asked, request_id="r2")
    assert (first.is_replayed, again.is_replayed) == (False, True)
    assert again.body == first.body
    assert NotificationLog.objects.count() == len(first.body["results"])


def test_a_key_is_each_users_and_each_clients_own(caller: ApiClient) -> None:
    other = make_client()
    make_config(other)
    make_config(caller, "u2")
    for client, user in ((caller, "u1"), (caller, "u2"), (other, "u1")):
        accept(client, user_id=user, idempotency_key="k", fingerprint=user * 32)
    assert IdempotencyKey.objects.count() == 3


def test_a_key_with_another_body_is_refused(caller: ApiClient) -> None:
    accept(caller, idempotency_key="k", fingerprint="a" * 64)
    refused = refusal_of(caller, idempotency_key="k", fingerprint="b" * 64)
    assert (refused.code, refused.status) == ("IDEMPOTENCY_KEY_REUSED", 422)


def test_a_refused_request_does_not_use_up_its_key(caller: ApiClient) -> None:
    key = {"idempotency_key": "k", "fingerprint": "a" * 64}
    refusal_of(caller, user_id="u3", **key)
    make_config(caller, "u3")
    accept(caller, user_id="u3", **key)
