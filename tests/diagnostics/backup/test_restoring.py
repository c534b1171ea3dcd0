"""What a restore adds, changes, leaves and removes, in a database that is used."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from channels_app.models import (
    ApiClient,
    DeliveryAttempt,
    FeatureFlag,
    NotificationLog,
    Status,
    UserConfig,
)
from diagnostics.backup.archive import opened
from diagnostics.backup.joining import Mode
from diagnostics.backup.planning import PartPlan, Plan, Wanted, plan_restore
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.services.restores import run_restore
from templates_app.models import NotificationTemplate, TemplateVersion
from templates_app.services import render_template
from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.forged import forged, with_row
from tests.diagnostics.backup.stock import (
    CANARY,
    everything,
    make_config,
    make_log,
    make_template,
    planned,
    restored,
)

pytestmark = pytest.mark.django_db

REPLACE = {"mode": Mode.REPLACE}
ROWS = {
    "api_clients": 2,
    "feature_flags": 1,
    "schedules": 0,
    "user_configs": 2,
    "notification_templates": 3,
    "notification_logs": 9,
}


def part(plan: Plan, table: str) -> PartPlan:
    return next(one for one in plan.parts if one.table == table)


def text_of(key: str) -> str:
    return render_template(key=key, channel_type="webhook", values={"id": 5}).content


def test_the_plan_for_an_empty_database_is_to_add_everything(full: Path) -> None:
    plan = planned(full)
    added = {one.table: one.added + one.same for one in plan.parts}
    assert added == ROWS
    assert plan.held == 3
    assert not any(one.changed or one.removed for one in plan.parts)


def test_a_plan_changes_nothing(full: Path) -> None:
    before = everything()
    planned(full, **REPLACE)
    assert everything() == before


@pytest.mark.parametrize("mode", list(Mode))
def test_after_a_restore_there_is_nothing_left_to_do(full: Path, mode: Mode) -> None:
    restored(full, mode=mode)
    assert planned(full, mode=mode).is_nothing
    before = everything()
    restored(full, mode=mode)
    assert everything() == before


def test_secrets_open_and_templates_say_the_same(full: Path) -> None:
    restored(full)
    config = UserConfig.objects.get(user_id="u1")
    assert config.config_data()["secret"] == f"{CANARY}-u1"
    assert ApiClient.objects.get(key_id="k_other").secret.reveal() == f"{CANARY}-client"
    assert text_of("order-0") == "Order 5 is here"
    assert TemplateVersion.objects.filter(template__template_key="order-0").count() == 2


def test_only_the_kinds_that_are_named_come_back(full: Path) -> None:
    restored(full, kinds=("templates",))
    assert NotificationTemplate.objects.count() == 3
    assert not UserConfig.objects.exists()
    assert not NotificationLog.objects.exists()


def test_deliveries_whose_clients_are_not_here_are_refused(full: Path) -> None:
    with pytest.raises(BackupRefusedError) as caught:
        planned(full, kinds=("logs",))
    assert caught.value.code == "orphans"
    assert not NotificationLog.objects.exists()


def test_deliveries_come_back_without_their_configs_if_their_clients_are_here(
    full: Path,
) -> None:
    default_client()
    ApiClient.objects.create(key_id="k_other", name="Other")
    restored(full, kinds=("logs",))
    assert NotificationLog.objects.count() == ROWS["notification_logs"]
    assert not NotificationLog.objects.exclude(config=None).exists()


class TestMerging:
    def test_what_the_backup_does_not_hold_stays(self, full: Path) -> None:
        config = make_config(default_client(), "mine")
        log = make_log(default_client(), Status.SENT)
        template = make_template("mine", "Mine")
        assert part(planned(full), "user_configs").left == 1
        restored(full)
        for row in (config, log, template):
            row.refresh_from_db()

    def test_what_says_something_else_takes_the_backups_word(self, full: Path) -> None:
        restored(full)
        config = UserConfig.objects.get(user_id="u1")
        UserConfig.objects.filter(pk=config.pk).update(
            public_data={"other": 1}, is_active=False
        )
        assert part(planned(full), "user_configs").changed == 1
        restored(full)
        fresh = UserConfig.objects.get(user_id="u1")
        assert fresh.pk == config.pk
        assert fresh.public_data == config.public_data
        assert fresh.updated_at == config.updated_at
        assert fresh.is_active

    def test_an_edited_template_gets_the_backups_state_as_a_new_version(
        self, full: Path
    ) -> None:
        restored(full)
        make_template("order-0", "Edited since {{id}}")
        assert part(planned(full), "notification_templates").changed == 1
        restored(full)
        template = NotificationTemplate.objects.get(template_key="order-0")
        numbers = template.versions.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2, 3, 4]
        assert template.version == 4
        assert text_of("order-0") == "Order 5 is here"
        newest = template.versions.get(number=4)
        assert newest.snapshot["contents"][0]["content_template"] == (
            "Order {{id}} is here"
        )
        assert planned(full).is_nothing
        assert make_template("order-0", "Once more").version == 5

    def test_a_delivery_that_is_here_stays_as_it_is(self, full: Path) -> None:
        restored(full)
        held = NotificationLog.objects.filter(error_code="restored")
        released = held.first()
        assert released is not None
        held.filter(pk=released.pk).update(status=Status.PENDING, error_code="")
        assert part(planned(full), "notification_logs").changed == 0
        restored(full)
        released.refresh_from_db()
        assert released.status == Status.PENDING

    def test_a_delivery_that_waits_here_but_ended_there_takes_its_end(
        self, full: Path
    ) -> None:
        restored(full)
        sent = NotificationLog.objects.filter(status=Status.SENT).first()
        assert sent is not None
        sent.attempts.all().delete()
        # As if an older copy of the database had been put back before.
        NotificationLog.objects.filter(pk=sent.pk).delete()
        log = make_log(
            sent.client, Status.PENDING, message_id=sent.message_id, attempt_no=0
        )
        log.attempts.all().delete()
        assert part(planned(full), "notification_logs").changed == 1
        restored(full)
        log.refresh_from_db()
        assert (log.status, log.attempts.count()) == (Status.SENT, 1)

    def test_rows_whose_numbers_are_taken_get_others(self, full: Path) -> None:
        restored(full)
        wanted = UserConfig.objects.get(user_id="u1")
        UserConfig.objects.filter(pk=wanted.pk).delete()
        mine = make_config(default_client(), "mine", pk=wanted.pk)
        restored(full)
        mine.refresh_from_db()
        assert mine.user_id == "mine"
        assert UserConfig.objects.get(user_id="u1").pk > wanted.pk
        logs = NotificationLog.objects.filter(client__key_id="k_other")
        assert all(log.config_id is None for log in logs)

    def test_what_is_stored_next_gets_a_number_of_its_own(self, full: Path) -> None:
        restored(full)
        newest = UserConfig.objects.order_by("-pk").first()
        assert newest is not None
        assert make_config(default_client(), "next").pk > newest.pk
        make_log(default_client(), Status.SENT)
        make_template("next", "Next")


class TestReplacing:
    def test_what_the_backup_does_not_hold_is_removed(self, full: Path) -> None:
        make_config(default_client(), "mine")
        make_template("mine", "Mine")
        make_log(default_client(), Status.SENT)
        FeatureFlag.objects.create(name="maintenance", is_enabled=False)
        plan = planned(full, **REPLACE)
        assert [part(plan, name).removed for name in ROWS if ROWS[name]] == [
            *(0, 1, 1, 1, 1)
        ]
        assert restored(full, **REPLACE).removed == 4
        found = {table: len(rows) for table, rows in everything().items()}
        assert {name: found[name] for name in ROWS} == ROWS

    def test_an_edited_template_goes_back_with_its_versions(self, full: Path) -> None:
        restored(full)
        make_template("order-0", "Edited since {{id}}")
        restored(full, **REPLACE)
        template = NotificationTemplate.objects.get(template_key="order-0")
        assert template.version == template.versions.count() == 2
        assert planned(full, **REPLACE).is_nothing

    def test_what_is_not_settled_stays_and_so_does_what_is_older(
        self, full: Path
    ) -> None:
        old = timezone.now() - timedelta(days=30)
        waiting = make_log(default_client(), Status.PENDING)
        older = make_log(default_client(), Status.SENT, created_at=old, settled_at=old)
        newer = make_log(default_client(), Status.SENT)
        plan = part(planned(full, **REPLACE), "notification_logs")
        assert (plan.left, plan.removed) == (2, 1)
        restored(full, **REPLACE)
        kept = NotificationLog.objects.filter(pk__in=[waiting.pk, older.pk, newer.pk])
        assert set(kept.values_list("pk", flat=True)) == {waiting.pk, older.pk}

    def test_a_client_that_deliveries_name_is_switched_off_instead(
        self, full: Path
    ) -> None:
        client = ApiClient.objects.create(key_id="k_mine", name="Mine")
        make_log(client, Status.PENDING)
        gone = ApiClient.objects.create(key_id="k_gone", name="Gone")
        done = restored(full, **REPLACE)
        assert (done.removed, done.switched_off) == (1, 1)
        client.refresh_from_db()
        assert not client.is_active
        assert not ApiClient.objects.filter(pk=gone.pk).exists()


def test_nothing_that_had_not_gone_out_is_sent(full: Path) -> None:
    default_client()
    with opened(full) as archive:
        report = run_restore(archive, Wanted(), by="operator")
    assert report.is_good, report.looks
    assert report.is_sending_off
    assert not FeatureFlag.objects.get(name="sending").is_enabled
    statuses = NotificationLog.objects.values_list("status", flat=True)
    assert not set(statuses) & {"pending", "retrying", "sending"}
    assert NotificationLog.objects.filter(error_code="restored").count() == 3
    assert not DeliveryAttempt.objects.filter(outcome="sending").exists()


def test_the_backups_word_on_sending_does_not_count(full: Path) -> None:
    path = forged(
        full,
        "feature_flags",
        with_row(lambda row: row.update(name="sending", is_enabled=True)),
    )
    with opened(path) as archive:
        plan_restore(archive, Wanted(**REPLACE))
        run_restore(archive, Wanted(**REPLACE), by="operator")
    assert not FeatureFlag.objects.get(name="sending").is_enabled


def test_templates_alone_leave_sending_on(full: Path) -> None:
    with opened(full) as archive:
        report = run_restore(archive, Wanted(kinds=("templates",)), by="operator")
    assert not report.is_sending_off
    assert not FeatureFlag.objects.filter(name="sending").exists()


def test_a_backup_without_a_column_gives_it_its_default(full: Path) -> None:
    def older(row: dict[str, object]) -> None:
        del row["guarantee"], row["retry_schedule"]

    restored(forged(full, "user_configs", with_row(older)))
    assert UserConfig.objects.get(user_id="u0").guarantee == "at_least_once"


def test_what_does_not_work_afterwards_is_found(full: Path) -> None:
    broken = with_row(lambda row: row.update(content_template="{{ broken"))
    path = forged(full, "template_contents", broken)
    default_client()
    with opened(path) as archive:
        report = run_restore(archive, Wanted(), by="operator")
    assert [look.name for look in report.looks if not look.is_good] == ["templates"]
    assert not report.is_good
