"""Accepting a notification: what is stored, what is refused, and what it costs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from channels_app.delivery.reaper import reap
from channels_app.delivery.slots import ensure_slots
from channels_app.models import ApiClient, IdempotencyKey, NotificationLog, Status
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.sending import NotificationRequest, accept_notification
from channels_app.services.switches import set_switch
from templates_app.selectors import clear_compiled_templates
from templates_app.services import save_template
from tests.channels_app.delivery.deliveries import (
    default_client as client_after_a_flush,
)
from tests.channels_app.rows import (
    BOT_TOKEN,
    default_client,
    make_client,
    make_config,
    make_log,
)

pytestmark = pytest.mark.django_db

IN_AN_HOUR = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
OF_THE_TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@pytest.fixture(autouse=True)
def _cold_templates() -> None:
    """Let no test see the templates of another."""
    clear_compiled_templates()


@pytest.fixture
def caller() -> ApiClient:
    """Return the default client, whose user u1 has Lark and Telegram."""
    client = default_client()
    make_config(client)
    make_config(
        client,
        channel_type="telegram",
        public_data={"chat_id": "42", "bot_token": BOT_TOKEN},
    )
    return client


def request(**fields: Any) -> NotificationRequest:
    return NotificationRequest(**{"user_id": "u1", "content": "Hello", **fields})


def accept(client: ApiClient, **fields: Any) -> list[dict[str, Any]]:
    """Accept a notification; return the results of its answer."""
    accepted = accept_notification(
        client=client, request=request(**fields), request_id="r1"
    )
    assert accepted.body["success"] is True
    return list(accepted.body["results"])


def refusal_of(client: ApiClient, **fields: Any) -> RequestRefusedError:
    """Return the refusal of a notification, which must leave nothing behind."""
    before = NotificationLog.objects.count()
    with pytest.raises(RequestRefusedError) as refused:
        accept(client, **fields)
    assert NotificationLog.objects.count() == before
    return refused.value


def save(*kinds: str, text: str = "Hello {{name}}") -> str:
    contents = {kind: {"content_template": text} for kind in kinds}
    save_template(
        key="greet", name="Greeting", variables=["name"], contents=contents, author="a"
    )
    return "greet"


def logs() -> dict[str, NotificationLog]:
    return {log.channel_type: log for log in NotificationLog.objects.all()}


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


# What is refused whole


def test_a_user_without_any_usable_channel_is_refused_with_each_reason(
    caller: ApiClient,
) -> None:
    make_config(caller, channel_type="webhook", is_active=False)
    refused = refusal_of(caller, channels=("slack", "webhook"))
    assert refused.code == "USER_NO_CHANNELS"
    assert refused.details == {
        "channels": {"slack": "channel_not_configured", "webhook": "channel_disabled"}
    }
    assert refusal_of(caller, user_id="nobody").details == {"channels": {}}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channels": ("lark", "pigeon")}, "INVALID_CHANNEL_TYPE"),
        ({"content": None}, "MISSING_CONTENT"),
        ({"content": None, "template_key": "nobody-knows"}, "TEMPLATE_NOT_FOUND"),
        ({"content": None, "template_key": "../no key"}, "TEMPLATE_NOT_FOUND"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    caller: ApiClient, fields: dict[str, Any], code: str
) -> None:
    assert refusal_of(caller, **fields).code == code


def test_one_channel_that_cannot_be_rendered_refuses_all(caller: ApiClient) -> None:
    contents = {
        "lark": {"content_template": "Hello"},
        "telegram": {"content_template": "{% for x in rows %}{{ x }}{% endfor %}"},
    }
    save_template(
        key="rows", name="Rows", variables=["rows"], contents=contents, author="a"
    )
    refused = refusal_of(
        caller, content=None, template_key="rows", variables={"rows": 5}
    )
    assert refused.code == "TEMPLATE_RENDER_ERROR"
    assert (refused.details or {})["channel_type"] == "telegram"
    assert refused.hint


def test_maintenance_refuses_and_says_when_to_come_back(caller: ApiClient) -> None:
    set_switch(name="maintenance", is_enabled=True, changed_by="ann")
    refused = refusal_of(caller)
    assert (refused.code, refused.status) == ("MAINTENANCE", 503)
    assert refused.retry_after
    set_switch(name="maintenance", is_enabled=False, changed_by="ann")
    accept(caller)


def test_a_paused_kind_is_accepted_and_waits(caller: ApiClient) -> None:
    for name in ("sending", "lark"):
        set_switch(name=name, is_enabled=False, changed_by="ann")
    assert {result["status"] for result in accept(caller)} == {"pending"}


def test_a_full_queue_refuses_before_it_stores(
    caller: ApiClient, settings: Settings
) -> None:
    settings.QUEUE_MAX_DEPTH = 2
    for status in (Status.PENDING, Status.RETRYING):
        make_log(caller, status=status)
    refused = refusal_of(caller)
    assert (refused.code, refused.status) == ("QUEUE_FULL", 503)
    assert refused.retry_after


def test_only_what_waits_fills_the_queue(caller: ApiClient, settings: Settings) -> None:
    settings.QUEUE_MAX_DEPTH = 2
    for status in (Status.PENDING, Status.SENT, Status.FAILED, Status.CANCELLED):
        make_log(caller, status=status)
    accept(caller)


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


# What it costs


def statements(captured: Iterable[dict[str, str]]) -> list[str]:
    texts = (query["sql"] for query in captured)
    return [sql for sql in texts if not sql.startswith(OF_THE_TRANSACTION)]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 2),  # the configs; the deliveries, all at once
        ({"channels": ("lark", "telegram", "slack")}, 2),
        ({"content": None, "template_key": "greet"}, 3),  # and the template's version
        # and the key: looked up, cleared if it is old, stored
        ({"idempotency_key": "k", "fingerprint": "f" * 64}, 5),
    ],
)
def test_accepting_costs_a_few_statements_however_many_channels(
    caller: ApiClient, fields: dict[str, Any], count: int
) -> None:
    save("lark", "telegram")
    warm = {name: v for name, v in fields.items() if name != "idempotency_key"}
    accept(caller, **warm)
    with CaptureQueriesContext(connection) as captured:
        accept(caller, **fields)
    made = statements(captured.captured_queries)
    assert len(made) == count, made


def test_a_replayed_answer_costs_one_statement(caller: ApiClient) -> None:
    key = {"idempotency_key": "k", "fingerprint": "f" * 64}
    accept(caller, **key)
    with CaptureQueriesContext(connection) as captured:
        accept(caller, **key)
    assert len(statements(captured.captured_queries)) == 1


def test_many_notifications_are_one_wake_up(
    caller: ApiClient,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ensure_slots(2)
    for _ in range(300):
        with django_capture_on_commit_callbacks(execute=True):
            accept(caller)
    assert NotificationLog.objects.filter(status=Status.PENDING).count() == 600
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_takes_nothing_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_after_a_flush()
    make_config(client)
    ensure_slots(1)
    monkeypatch.setattr(OrmQ._meta, "db_table", "not_there_any_more")
    [result] = accept(client)
    assert result["status"] == "pending"
    assert NotificationLog.objects.get().status == Status.PENDING
    assert "the ticker will pump" in caplog.text
