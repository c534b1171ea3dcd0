"""What a restore plans and brings back."""

from pathlib import Path

import pytest

from channels_app.models import ApiClient, NotificationLog, UserConfig
from diagnostics.backup.joining import Mode
from diagnostics.backup.refusals import BackupRefusedError
from templates_app.models import NotificationTemplate, TemplateVersion
from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.forged import forged, with_row
from tests.diagnostics.backup.restoring import REPLACE, ROWS, text_of
from tests.diagnostics.backup.stock import CANARY, everything, planned, restored

pytestmark = pytest.mark.django_db


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


def test_a_backup_without_a_column_gives_it_its_default(full: Path) -> None:
    def older(row: dict[str, object]) -> None:
        del row["guarantee"], row["retry_schedule"]

    restored(forged(full, "user_configs", with_row(older)))
    assert UserConfig.objects.get(user_id="u0").guarantee == "at_least_once"
