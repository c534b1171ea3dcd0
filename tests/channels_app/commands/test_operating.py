"""`manage.py sending`, `replay` and `prune`, as a person at a terminal uses them."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from channels_app.models import FeatureFlag, NotificationLog, UserConfig
from tests.channels_app.delivery.deliveries import claim, stored, webhook_config

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def said(*arguments: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_status_says_that_all_is_well() -> None:
    stored(webhook_config(URL))
    assert said("sending", "status") == "Sending is on.\n1 deliveries wait.\n"


def test_a_pause_is_said_noted_and_ends_with_status_1() -> None:
    said("sending", "pause", "--channel", "webhook", "--note", "provider down")
    flag = FeatureFlag.objects.get(name="webhook")
    assert (flag.is_enabled, flag.note) == (False, "provider down")
    with pytest.raises(SystemExit) as left:
        said("sending", "status", "--json")
    assert left.value.code == 1


def test_what_is_paused_waits_and_goes_on_when_resumed() -> None:
    config = webhook_config(URL)
    log = stored(config)
    said("sending", "pause", "--config", str(config.pk))
    assert claim(limit=1, worker="w") == []
    assert UserConfig.objects.get().is_paused
    state = json.loads(said("sending", "resume", "--config", str(config.pk), "--json"))
    assert state["paused_configs"] == []
    NotificationLog.objects.update(next_attempt_at=Now())
    assert [one.id for one in claim(limit=1, worker="w")] == [log.pk]


def test_all_sending_can_be_paused() -> None:
    assert "All sending is paused." in said("sending", "pause")
    assert "Sending is on." in said("sending", "resume")


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", str(2**63)),
        ("sending", "pause", "--config", "999"),
        ("sending", "pause", "--config", "1", "--channel", "lark"),
        ("prune", "--days", "0"),
        ("prune", "--days", "30"),
    ],
)
def test_what_cannot_be_done_ends_with_status_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        said(*arguments)
    assert refused.value.returncode == 2


def test_prune_counts_first_and_deletes_when_told() -> None:
    stored(webhook_config(URL), status="sent")
    NotificationLog.objects.update(created_at=Now() - timedelta(days=40))
    assert "1 deliveries" in said("prune", "--days", "30", "--dry-run")
    assert NotificationLog.objects.count() == 1
    assert json.loads(said("prune", "--days", "30", "--yes", "--json"))["logs"] == 1
    assert NotificationLog.objects.count() == 0


def test_replay_tells_its_plan_first_and_queues_when_told() -> None:
    config = webhook_config(URL)
    log = stored(config, status="failed", error_code="dns_failed")
    stored(config, status="failed", content="")
    plan = said("replay", "--since", "2020-01-01", "--channel", "webhook")
    assert plan.startswith("1 of 2 failed deliveries would be queued")
    assert "error code dns_failed: 1" in plan
    assert "left out, no_content: 1" in plan
    assert NotificationLog.objects.filter(status="failed").count() == 2
    assert "1 deliveries are queued again." in said("replay", str(log.pk), "--yes")
    assert NotificationLog.objects.get(status="pending") == log


def test_replay_writes_json() -> None:
    stored(webhook_config(URL), status="failed")
    assert json.loads(said("replay", "--json"))["ready"] == 1
    assert json.loads(said("replay", "--json", "--yes"))["queued"] == 1
