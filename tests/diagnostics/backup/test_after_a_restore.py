"""After a restore nothing is sent by itself, and what does not work is found."""

from pathlib import Path

import pytest

from channels_app.delivery.held_back import Window
from channels_app.delivery.intake import Entry, store_entries
from channels_app.delivery.once import IdempotencyClaim, KeyTakenError
from channels_app.models import (
    DedupeWindow,
    DeliveryAttempt,
    FeatureFlag,
    IdempotencyKey,
    NotificationLog,
)
from diagnostics.backup.archive import opened
from diagnostics.backup.planning import Wanted, plan_restore
from diagnostics.services.restores import run_restore
from tests.channels_app.delivery.deliveries import default_client, new_delivery
from tests.diagnostics.backup.forged import forged, with_row
from tests.diagnostics.backup.restoring import REPLACE
from tests.diagnostics.backup.stock import backed_up, forget_everything

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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_emptied", "is_accepted"), [(True, True), (False, False)])
def test_only_an_emptied_database_has_forgotten_keys_and_windows(
    is_emptied: bool, is_accepted: bool, tmp_path: Path
) -> None:
    default_client()
    assert _is_accepted(key="k")
    assert _is_accepted(window="w")
    path = backed_up(tmp_path)
    if is_emptied:
        forget_everything()
        IdempotencyKey.objects.all().delete()
        DedupeWindow.objects.all().delete()
    with opened(path) as archive:
        plan_restore(archive, Wanted())
        run_restore(archive, Wanted(), by="operator")
    assert NotificationLog.objects.count() == 2
    assert _is_accepted(key="k") == is_accepted
    assert _is_accepted(window="w") == is_accepted


def _is_accepted(*, key: str = "", window: str = "") -> bool:
    """Store one notification; tell whether it is a delivery of its own."""
    delivery = new_delivery(None)
    claim = IdempotencyClaim(delivery.client_id, "u1", key, "hash") if key else None
    held = Window(window, 600) if window else None
    entry = Entry([delivery], lambda _stored: "{}", claim, held)
    try:
        stored = store_entries([entry], after_commit=lambda: None)
    except KeyTakenError:
        return False
    return delivery.message_id in stored.ids


def test_what_does_not_work_afterwards_is_found(full: Path) -> None:
    broken = with_row(lambda row: row.update(content_template="{{ broken"))
    path = forged(full, "template_contents", broken)
    default_client()
    with opened(path) as archive:
        report = run_restore(archive, Wanted(), by="operator")
    assert [look.name for look in report.looks if not look.is_good] == ["templates"]
    assert not report.is_good
