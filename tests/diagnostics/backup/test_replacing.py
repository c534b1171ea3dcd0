"""What a restore that replaces removes, in a database that is used."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from channels_app.models import ApiClient, FeatureFlag, NotificationLog, Status
from templates_app.models import NotificationTemplate
from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.restoring import REPLACE, ROWS, part
from tests.diagnostics.backup.stock import (
    everything,
    make_config,
    make_log,
    make_template,
    planned,
    restored,
)

pytestmark = pytest.mark.django_db


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
