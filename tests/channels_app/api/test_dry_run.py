"""dry_run answers what would happen, and leaves nothing behind."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from channels_app.delivery.destinations import destination_hash
from channels_app.models import (
    Breaker,
    DedupeWindow,
    IdempotencyKey,
    NotificationLog,
    RateLimit,
    Secret,
)
from channels_app.selectors.clients import forget_signers
from channels_app.services.limits import forget_limits
from channels_app.services.switches import set_switch
from templates_app.services import save_template
from tests.channels_app.api.signed import BATCH, SECRET, SEND, one, post
from tests.channels_app.rows import BOT_TOKEN, LARK_URL, default_client, make_config

pytestmark = pytest.mark.django_db

TABLES = (NotificationLog, IdempotencyKey, DedupeWindow)


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET


def rehearse(user_id: str = "u1", **fields: Any) -> dict[str, Any]:
    answer = post(SEND, one(user_id, dry_run=True, **fields))
    assert answer.status_code == 200, answer.content
    assert not any(table.objects.exists() for table in TABLES)
    body: dict[str, Any] = answer.json()
    return body


def row(**fields: Any) -> dict[str, Any]:
    [result] = rehearse(**fields)["results"]
    return dict(result)


def test_what_would_be_sent_is_shown_to_the_byte() -> None:
    make_config(default_client())
    body = rehearse(idempotency_key="k1", dedupe_key="d1")
    assert (body["success"], body["dry_run"], body["would_accept"]) == (True,) * 3
    assert body["refusal"] is None
    [result] = body["results"]
    assert (result["channelType"], result["status"]) == ("lark", "would_send")
    assert (result["content"], result["content_type"]) == ("hello", "text")
    [request] = result["requests"]
    assert request["method"] == "POST"
    assert json.loads(request["body"])["content"] == {"text": "hello"}


def test_the_queue_is_told() -> None:
    make_config(default_client())
    queue = rehearse()["queue"]
    assert (queue["workers_alive"], queue["is_worked"]) == (0, False)
    assert queue["oldest_due_seconds"] is None
    assert sum(queue["depth"].values()) == 0


@pytest.mark.parametrize(
    ("kind", "public", "secrets"),
    [
        ("lark", {"msg_type": "text"}, {"webhook_url": LARK_URL, "secret": "s3cr3t"}),
        ("telegram", {"chat_id": 42}, {"bot_token": BOT_TOKEN}),
        (
            "webhook",
            {"webhook_url": "https://a.example/hook"},
            {"headers": {"Authorization": "s3cr3t"}, "secret": "whsec_czNjcjN0"},
        ),
        ("slack", {}, {"webhook_url": "https://hooks.slack.com/services/T/B/s3cr3t"}),
        ("email", {"to": "a@example.com", "from": "b@example.com"}, {}),
    ],
)
def test_no_secret_is_shown_on_any_channel(
    kind: str,
    public: dict[str, Any],
    secrets: dict[str, Any],
    settings: LazySettings,
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    make_config(
        default_client(),
        channel_type=kind,
        public_data=public,
        secret_data=Secret(secrets) if secrets else None,
    )
    body = rehearse()
    assert body["results"][0]["status"] == "would_send", body
    assert len(body["results"][0]["requests"]) == 1
    shown = json.dumps(body)
    for hidden in ("s3cr3t", "czNjcjN0", BOT_TOKEN.partition(":")[2], "f00-ba4"):
        assert hidden not in shown


def test_each_channel_that_would_be_left_out_says_why() -> None:
    make_config(default_client())
    make_config(default_client(), channel_type="slack", is_active=False)
    results = rehearse(channels=["lark", "slack", "webhook"])["results"]
    assert [(r["channelType"], r["status"], r["code"]) for r in results] == [
        ("lark", "would_send", None),
        ("slack", "would_skip", "channel_disabled"),
        ("webhook", "would_skip", "channel_not_configured"),
    ]
    assert all(result["error"] and result["remedy"] for result in results[1:])


def test_with_no_channel_left_the_refusal_stands_in_the_answer() -> None:
    make_config(
        default_client(), is_active=False, disabled_reason="The bot was removed"
    )
    body = rehearse(channels=["lark"])
    assert body["would_accept"] is False
    assert body["refusal"]["code"] == "USER_NO_CHANNELS"
    assert body["refusal"]["status"] == 400
    assert "The bot was removed" in body["results"][0]["error"]


def test_a_paused_config_would_wait() -> None:
    make_config(default_client(), is_paused=True)
    found = row()
    assert (found["status"], found["code"]) == ("would_wait", "config_paused")
    assert found["content"] == "hello"


@pytest.mark.parametrize(
    ("switch", "code"), [("sending", "sending_paused"), ("lark", "channel_kind_paused")]
)
def test_what_is_switched_off_would_wait(switch: str, code: str) -> None:
    make_config(default_client())
    set_switch(name=switch, is_enabled=False, changed_by="a")
    found = row()
    assert (found["status"], found["code"]) == ("would_wait", code)


def test_an_open_breaker_is_told_with_its_end() -> None:
    config = make_config(default_client())
    Breaker.objects.create(config=config, open_until=time.time() + 600)
    found = row()
    assert (found["status"], found["code"]) == ("would_wait", "breaker_open")
    assert found["until"]


@pytest.mark.parametrize(("seconds", "is_over"), [(600, True), (-600, False)])
def test_a_limit_is_told_with_its_end(seconds: float, is_over: bool) -> None:
    config = make_config(default_client())
    name = f"destination:{destination_hash(config)}"
    RateLimit.objects.create(name=name, until=time.time() + seconds)
    found = row()
    assert found["code"] == ("limit_reached" if is_over else None)
    assert bool(found["until"]) is is_over


def test_what_is_planned_or_too_late_is_told() -> None:
    make_config(default_client())
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    planned = row(send_at=later)
    assert (planned["status"], planned["code"]) == ("would_wait", "scheduled")
    assert planned["until"]
    late = row(expires_at="2020-01-01T00:00:00Z")
    assert (late["status"], late["code"]) == ("would_skip", "expired")


def test_what_the_sender_cannot_build_would_fail() -> None:
    make_config(default_client(), secret_data=Secret({}))
    found = row()
    assert found["status"] == "would_fail"
    assert found["code"]
    assert found["requests"] == []


def test_secrets_whose_key_is_lost_would_fail(settings: LazySettings) -> None:
    make_config(default_client())
    settings.ENCRYPT_KEY = "another-key-another-key-another-"
    assert row()["code"] == "config_unreadable"


def test_a_template_is_rendered_and_its_gaps_are_named() -> None:
    make_config(default_client())
    make_config(default_client(), channel_type="slack")
    content = {"content_type": "text", "content_template": "Hi {{name}} {{gap}}"}
    save_template(key="greet", name="Greet", contents={"lark": content}, author="a")
    form: dict[str, Any] = {
        "custom_content": None,
        "template_key": "greet",
        "variables": {"name": "Zoë"},
    }
    lark, slack = rehearse(channels=["lark", "slack"], **form)["results"]
    assert lark["content"] == "Hi Zoë {{gap}}"
    assert lark["missing_variables"] == ["gap"]
    assert slack["code"] == "template_content_missing"


def test_a_template_that_is_not_there_is_the_refusal() -> None:
    make_config(default_client())
    body = rehearse(custom_content=None, template_key="nope")
    assert body["refusal"]["code"] == "TEMPLATE_NOT_FOUND"


def test_a_closed_door_is_told_beside_all_the_rest() -> None:
    make_config(default_client())
    set_switch(name="maintenance", is_enabled=True, changed_by="a")
    body = rehearse()
    assert (body["refusal"]["code"], body["refusal"]["status"]) == ("MAINTENANCE", 503)
    assert body["results"][0]["content"] == "hello"


def test_a_form_that_is_wrong_is_refused_as_always() -> None:
    answer = post(SEND, one(dry_run=True, priority="urgent"))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")


def test_keys_that_were_used_before_are_told_and_not_spent() -> None:
    make_config(default_client())
    named = {"idempotency_key": "k1", "dedupe_key": "d1"}
    [first] = post(SEND, one(**named)).json()["results"]
    answer = post(SEND, one(dry_run=True, **named)).json()
    assert answer["idempotency_key_used"] is True
    [result] = answer["results"]
    assert (result["status"], result["code"]) == ("would_skip", "deduplicated")
    assert result["duplicate_of"] == first["messageId"]
    assert NotificationLog.objects.count() == 1
    assert DedupeWindow.objects.get().held_back == 0


def test_users_that_a_client_may_not_reach_are_not_looked_at() -> None:
    make_config(default_client(), "u1")
    type(default_client()).objects.update(allowed_users=["team-*"])
    forget_signers()
    answer = post(SEND, one(dry_run=True))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    answer = post(BATCH, {"dry_run": True, "notifications": [one()]})
    [result] = answer.json()["results"]
    assert (result["success"], result["refusal"]["code"]) == (False, "FORBIDDEN")
    assert result["results"] == []


def test_its_signature_is_good_once() -> None:
    make_config(default_client())
    stamp = str(time.time_ns() // 1_000_000)
    answers = [post(SEND, one(dry_run=True), X_Timestamp=stamp) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[1].json()["code"] == "REPLAYED_REQUEST"


def test_it_counts_on_the_limit_of_sends(settings: LazySettings) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 2
    forget_limits()
    make_config(default_client())
    statuses = [post(SEND, one(dry_run=True, n=n)).status_code for n in range(3)]
    assert statuses == [200, 200, 429]


def test_a_batch_is_rehearsed_as_a_whole() -> None:
    make_config(default_client())
    entries = [one(), one(priority="urgent"), one("nobody"), one(dry_run=True)]
    answer = post(BATCH, {"dry_run": True, "notifications": entries})
    body = answer.json()
    assert (answer.status_code, body["accepted"], body["rejected"]) == (200, 2, 2)
    assert [r["index"] for r in body["results"]] == [0, 1, 2, 3]
    assert body["results"][0]["results"][0]["content"] == "hello"
    assert body["results"][1]["code"] == "INVALID_PARAMETER"
    assert body["results"][2]["refusal"]["code"] == "USER_NO_CHANNELS"
    assert body["queue"]["is_worked"] is False
    assert not NotificationLog.objects.exists()


def test_one_of_a_batch_that_is_to_be_rehearsed_is_never_sent() -> None:
    make_config(default_client())
    body = post(BATCH, {"notifications": [one(), one(dry_run=True)]}).json()
    assert (body["accepted"], body["rejected"]) == (1, 1)
    assert body["results"][1]["details"] == {"parameter": "notifications[1].dry_run"}
    assert NotificationLog.objects.count() == 1


def test_the_header_key_of_a_batch_lets_it_be_sent_again() -> None:
    make_config(default_client())
    form = {
        "notifications": [one(), one(idempotency_key="own"), one(metadata={"n": 3})]
    }
    first = post(BATCH, form, Idempotency_Key='"order 7"').json()["results"]
    again = post(BATCH, form, Idempotency_Key='"order 7"').json()["results"]
    assert [r["results"][0]["messageId"] for r in again] == [
        r["results"][0]["messageId"] for r in first
    ]
    assert all(result["replayed"] for result in again)
    keys = set(IdempotencyKey.objects.values_list("key", flat=True))
    assert keys == {"order 7#0", "own", "order 7#2"}


def test_a_header_key_that_leaves_no_room_for_places_is_refused() -> None:
    make_config(default_client())
    answer = post(BATCH, {"notifications": [one()]}, Idempotency_Key="k" * 252)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
