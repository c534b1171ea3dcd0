"""Backups in the admin: the list, one made now, one proved, by those who may."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from diagnostics.models import Backup
from diagnostics.models.backups import BackupState
from diagnostics.services.backups import backup_folder, make_backup, path_of
from tests.channels_app.delivery.deliveries import default_client
from tests.people import logged_in, make_person, make_superuser
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
committed = pytest.mark.django_db(transaction=True)

LIST = "/admin/diagnostics/backup/"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


def a_backup(**fields: Any) -> Backup:
    now = timezone.now()
    values = {
        "name": "a.backup",
        "folder": str(backup_folder()),
        "state": BackupState.READY,
        "made_by": "test",
        "version": "1",
        "logs_days": 7,
        "size": 1234567,
        "counts": {"user_configs": 3, "notification_logs": 4},
        "started_at": now,
        "seen_at": now,
    }
    return Backup.objects.create(**{**values, **fields})


def verifying(client: Client, *backups: Backup) -> str:
    form = {"action": "verify", "_selected_action": [one.pk for one in backups]}
    return client.post(LIST, form, follow=True).content.decode()


def test_the_list_shows_size_counts_and_what_the_proof_found(boss: Client) -> None:
    a_backup(name="good.backup", is_good=True, verified_at=timezone.now())
    a_backup(name="bad.backup", is_good=False)
    a_backup(name="new.backup", state=BackupState.MAKING)
    page = boss.get(LIST).content.decode()
    for text in ("good.backup", "1.2\xa0MB", "proved", "bad", "being made", ">7<"):
        assert text in page


def test_one_page_says_all_that_is_known_of_a_backup(boss: Client) -> None:
    backup = a_backup(state=BackupState.FAILED, error="The disk is full.")
    page = boss.get(f"{LIST}{backup.pk}/change/").content.decode()
    assert "The disk is full." in page
    assert "user_configs 3" in page


@committed
def test_a_backup_is_made_now_in_a_process_of_its_own(boss: Client) -> None:
    default_client()
    assert boss.post(f"{LIST}make/").status_code == 302
    ready = Backup.objects.filter(state=BackupState.READY)
    wait_until(ready.exists, "the backup is ready", 60)
    backup = ready.get()
    assert backup.made_by == "boss"
    assert path_of(backup).is_file()


@committed
def test_a_backup_is_proved_from_the_list(boss: Client) -> None:
    default_client()
    backup = make_backup(by="test")
    assert "compared" in verifying(boss, backup)
    proved = Backup.objects.filter(pk=backup.pk, is_good__isnull=False)
    wait_until(proved.exists, "the proof is there", 90)
    assert proved.get().is_good, proved.get().verification


def test_what_is_not_ready_is_not_proved(boss: Client) -> None:
    assert "Choose one" in verifying(boss, a_backup(state=BackupState.FAILED))


@pytest.mark.parametrize(
    ("role", "may_make"), [("viewer", False), ("operator", True), ("admin", True)]
)
def test_who_may_only_look_makes_none_and_proves_none(
    role: str, may_make: bool
) -> None:
    client = logged_in(make_person(role))
    backup = a_backup()
    page = client.get(LIST)
    assert page.status_code == 200
    assert ("Back up now" in page.content.decode()) is may_make
    assert ("scratch database" in page.content.decode()) is may_make
    if not may_make:
        assert client.post(f"{LIST}make/").status_code == 403
        assert "compared" not in verifying(client, backup)
    assert client.get(f"{LIST}make/").status_code == 403
