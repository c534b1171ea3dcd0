"""After a restore nothing is sent by itself, and what does not work is found."""

from pathlib import Path

import pytest

from channels_app.models import DeliveryAttempt, FeatureFlag, NotificationLog
from diagnostics.backup.archive import opened
from diagnostics.backup.planning import Wanted, plan_restore
from diagnostics.services.restores import run_restore
from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.forged import forged, with_row
from tests.diagnostics.backup.restoring import REPLACE

pytestmark = pytest.mark.django_db


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


def test_what_does_not_work_afterwards_is_found(full: Path) -> None:
    broken = with_row(lambda row: row.update(content_template="{{ broken"))
    path = forged(full, "template_contents", broken)
    default_client()
    with opened(path) as archive:
        report = run_restore(archive, Wanted(), by="operator")
    assert [look.name for look in report.looks if not look.is_good] == ["templates"]
    assert not report.is_good
