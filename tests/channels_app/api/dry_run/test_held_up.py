"""dry_run says what would be refused, skipped, kept waiting or fail, and why."""

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from channels_app.delivery.destinations import destination_hash
from channels_app.models import Breaker, RateLimit, Secret
from channels_app.selectors.clients import forget_signers
from channels_app.services.switches import set_switch
from tests.channels_app.api.dry_run.rehearsals import rehearse, row
from tests.channels_app.api.signed import BATCH, SEND, one, post
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db


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
