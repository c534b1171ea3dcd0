"""What comes back from a backup is held, and goes out by a person's word only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels_app.delivery.configs_mended import switch_on
from channels_app.delivery.restored import RESTORED, held_attempts, held_log
from channels_app.models import (
    FeatureFlag,
    Installation,
    NotificationLog,
    Status,
    UserConfig,
)
from channels_app.selectors.switches import is_on
from channels_app.services.bulk_replay import ReplayFilter, plan_replay, replay
from channels_app.services.explanations import explain
from channels_app.services.restored import begin_restore, logs_since
from tests.channels_app.delivery.deliveries import webhook_config
from tests.channels_app.rows import default_client, make_log

pytestmark = pytest.mark.django_db


def stored(**changes: object) -> NotificationLog:
    config = UserConfig.objects.first() or webhook_config("https://example.com/")
    values = {"created_at": timezone.now(), "channel_type": "webhook", **changes}
    return make_log(default_client(), config=config, **values)


def held(**changes: object) -> NotificationLog:
    return stored(status=Status.UNKNOWN, error_code=RESTORED, **changes)


@pytest.mark.parametrize("status", ["pending", "retrying", "sending"])
def test_what_would_go_out_by_itself_is_held(status: str) -> None:
    log = held_log({"status": status, "message_id": "m", "lease_until": "then"})
    assert log["status"] == "unknown"
    assert log["error_code"] == RESTORED
    assert log["lease_until"] is None
    assert log["message_id"] == "m"


@pytest.mark.parametrize(
    "status", ["sent", "failed", "cancelled", "expired", "unknown"]
)
def test_what_does_not_go_out_by_itself_stays_as_it_is(status: str) -> None:
    log = {"status": status, "error_code": "x"}
    assert held_log(log) == log


def test_of_a_try_on_its_way_nobody_knows_the_end() -> None:
    tries: list[dict[str, object]] = [
        {"outcome": "ok", "started_at": "a", "ended_at": "b"},
        {"outcome": "sending", "started_at": "c", "ended_at": None},
    ]
    first, second = held_attempts(tries)
    assert first == tries[0]
    assert (second["outcome"], second["ended_at"]) == ("unknown", "c")


def test_a_restore_begins_with_sending_off_under_the_same_instance_too() -> None:
    begin_restore(by="operator", note="a backup")
    assert not is_on("sending")
    assert FeatureFlag.objects.get(name="sending").note == "a backup"
    assert Installation.objects.get().restored_at is not None


def test_a_held_one_says_what_it_is_and_what_to_do() -> None:
    explanation = explain(held())
    assert explanation is not None
    assert explanation.id == RESTORED
    assert "replay --held" in " ".join(explanation.remedy)


def test_the_plan_of_the_held_ones_leaves_out_what_failed_and_what_is_unknown() -> None:
    held()
    stored(status=Status.UNKNOWN, error_code="outcome_unknown")
    stored(status=Status.FAILED, error_code="x")
    plan = plan_replay(ReplayFilter(is_of_held=True))
    assert (plan.matched, plan.ready) == (1, 1)
    assert plan_replay(ReplayFilter()).matched == 1


def test_released_ones_are_queued_and_those_for_later_keep_their_time() -> None:
    later = timezone.now() + timedelta(days=2)
    now, scheduled = held(), held(send_at=later, content="Another")
    plan = plan_replay(ReplayFilter(is_of_held=True))
    assert replay(plan, by="operator").queued == 2
    now.refresh_from_db()
    scheduled.refresh_from_db()
    assert now.status == scheduled.status == Status.PENDING
    assert now.may_duplicate
    assert now.next_attempt_at < later
    assert scheduled.send_at == scheduled.next_attempt_at == later


def test_a_mended_channel_does_not_send_what_was_restored() -> None:
    restored = stored(status=Status.FAILED, error_code="channel_disabled")
    NotificationLog.objects.filter(pk=restored.pk).update(settled_at=timezone.now())
    config = restored.config
    assert config is not None
    type(config).objects.filter(pk=config.pk).update(
        is_active=False,
        disabled_reason="gone: it is",
        next_probe_at=timezone.now(),
    )
    begin_restore(by="operator", note="")
    config.refresh_from_db()
    assert switch_on(config.pk, config.version, "ok")
    restored.refresh_from_db()
    assert restored.status == Status.FAILED


def test_a_backup_holds_recent_deliveries_and_all_that_are_not_settled() -> None:
    old = timezone.now() - timedelta(days=30)
    stored(status=Status.SENT, created_at=old)
    kept = {
        stored(status=Status.SENT).pk,
        stored(status=Status.UNKNOWN, created_at=old).pk,
        stored(created_at=old).pk,
    }
    since = timezone.now() - timedelta(days=7)
    found = NotificationLog.objects.filter(logs_since(since))
    assert set(found.values_list("pk", flat=True)) == kept
