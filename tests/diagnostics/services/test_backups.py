"""Backups are made, recorded, thinned out, listed and proved."""

import json
import logging
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection, connections
from django.utils import timezone

from channels_app.models import NotificationLog, UserConfig
from diagnostics.backup.databases import connected
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.scratch import PREFIX, scratch_database
from diagnostics.backup.turns import only_one
from diagnostics.models import Backup
from diagnostics.models.backups import BackupState
from diagnostics.services.backup_list import listed_backups
from diagnostics.services.backups import (
    SCHEDULED_TASKS,
    back_up_by_schedule,
    backup_folder,
    make_backup,
    path_of,
    prune_backups,
    verify_backup,
    verify_by_schedule,
)
from tests.diagnostics.backup.forged import forged, with_value
from tests.diagnostics.backup.stock import CANARY, fill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def a_backup(days_ago: int, **fields: Any) -> Backup:
    """Record a backup with a file that holds nothing."""
    moment = timezone.now() - timedelta(days=days_ago)
    values = {
        "name": f"{days_ago}.backup",
        "folder": str(backup_folder()),
        "state": BackupState.READY,
        "is_scheduled": True,
        "made_by": "test",
        "version": "1",
        "logs_days": 7,
        "started_at": moment,
        "seen_at": moment,
    }
    backup = Backup.objects.create(**{**values, **fields})
    backup_folder().mkdir(exist_ok=True)
    path_of(backup).write_bytes(b"x")
    return backup


def test_a_backup_is_recorded_with_its_size_and_counts() -> None:
    fill()
    backup = make_backup(by="operator")
    path = path_of(backup)
    assert backup.state == BackupState.READY
    assert backup.size == path.stat().st_size > 0
    assert backup.counts["user_configs"] == UserConfig.objects.count()
    assert backup.counts["notification_logs"] == NotificationLog.objects.count()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in backup_folder().glob("[!.]*")] == [backup.name]


def test_no_secret_is_in_clear_in_file_log_or_record(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill()
    with caplog.at_level(logging.DEBUG):
        backup = make_backup(by="operator")
    text = json.dumps(Backup.objects.values().get(), default=str) + caplog.text
    assert CANARY not in text
    with ZipFile(path_of(backup)) as plain:
        parts = [plain.read(name) for name in plain.namelist()]
    assert CANARY.encode() not in path_of(backup).read_bytes() + b"".join(parts)


def test_while_one_is_made_no_other_begins() -> None:
    with only_one(backup_folder()), pytest.raises(BackupRefusedError) as caught:
        make_backup(by="operator")
    assert caught.value.code == "under_way"
    assert not Backup.objects.exists()


def test_one_that_gave_no_sign_for_long_holds_up_nobody() -> None:
    dead = a_backup(1, state=BackupState.MAKING)
    assert listed_backups()[0].is_wrong
    make_backup(by="operator")
    dead.refresh_from_db()
    assert dead.state == BackupState.FAILED
    assert dead.error


def test_what_cannot_be_written_is_recorded_as_failed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupRefusedError) as caught:
        make_backup(by="operator", folder=tmp_path / "file")
    assert caught.value.code == "not_writable"
    assert Backup.objects.get().state == BackupState.FAILED


def test_scheduled_ones_are_thinned_out_and_those_of_people_stay() -> None:
    for ago in range(60):
        a_backup(ago)
    mine = a_backup(70, is_scheduled=False)
    elsewhere = {backup.name for backup in Backup.objects.all()}
    gone = prune_backups()
    left = set(Backup.objects.values_list("name", flat=True))
    assert left | set(gone) == elsewhere
    assert 11 <= len(left) <= 7 + 4 + 12 + 1
    assert mine.name in left
    assert {path.name for path in backup_folder().glob("[!.]*")} == left


def test_the_newest_one_that_was_proved_stays_in_any_case() -> None:
    for ago in range(20):
        a_backup(ago)
    proved = Backup.objects.get(name="12.backup")
    Backup.objects.filter(pk=proved.pk).update(is_good=True)
    assert proved.name not in prune_backups()


def test_what_a_killed_maker_left_goes_after_a_day() -> None:
    backup_folder().mkdir()
    old, fresh = (backup_folder() / f"{n}.backup.partial" for n in ("old", "fresh"))
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    prune_backups()
    assert not old.exists()
    assert fresh.exists()


def test_the_list_tells_of_files_that_the_database_does_not_know() -> None:
    a_backup(1)
    gone = a_backup(2)
    path_of(gone).unlink()
    (backup_folder() / "lost.backup").write_bytes(b"xyz")
    listed = {backup.name: backup for backup in listed_backups()}
    assert listed["lost.backup"].size == 3
    assert listed["2.backup"].is_wrong
    assert not listed["1.backup"].is_wrong


def test_the_daily_run_makes_one_and_says_so() -> None:
    assert "0 removed" in back_up_by_schedule()
    assert Backup.objects.get().is_scheduled
    assert [task.name for task in SCHEDULED_TASKS] == ["backup", "backup_verification"]


def test_a_good_backup_is_proved_in_a_scratch_database_that_goes_again(
    tmp_path: Path,
) -> None:
    fill()
    backup = make_backup(by="operator")
    before = NotificationLog.objects.count()
    assert "same" in verify_by_schedule()
    backup.refresh_from_db()
    assert backup.is_good
    assert backup.verified_at is not None
    assert NotificationLog.objects.count() == before
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_a_scratch_database_is_like_the_one_in_use_and_goes_again() -> None:
    with scratch_database() as scratch, connected("scratch", scratch.described):
        name = str(scratch.described["NAME"])
        vendor = connections["scratch"].vendor
        assert vendor == connection.vendor
        assert scratch.folder.is_dir()
        assert _is_there(name)
    assert not scratch.folder.exists()
    assert not _is_there(name)


def _is_there(name: str) -> bool:
    if connection.vendor != "postgresql":
        return Path(name).parent.is_dir()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def test_a_damaged_one_is_recorded_as_bad() -> None:
    backup = make_backup(by="operator")
    path = path_of(backup)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    with pytest.raises(BackupRefusedError):
        verify_backup(path)
    backup.refresh_from_db()
    assert backup.is_good is False
    assert backup.verification


def test_a_passphrase_that_is_lacking_or_wrong_says_nothing_about_the_backup() -> None:
    backup = make_backup(by="operator", passphrase="correct horse battery")
    for passphrase in ("", "another passphrase"):
        with pytest.raises(BackupRefusedError):
            verify_backup(path_of(backup), passphrase=passphrase)
    backup.refresh_from_db()
    assert backup.is_good is None
    assert "no backup yet" in verify_by_schedule()


def test_one_that_does_not_restore_to_what_it_holds_is_found(tmp_path: Path) -> None:
    fill()
    backup = make_backup(by="operator")
    # Two rows of one name: only one of them can be there afterwards.
    twice = forged(path_of(backup), "user_configs", lambda text: text + text)
    with pytest.raises(BackupRefusedError) as caught:
        verify_backup(twice)
    assert caught.value.code == "scratch_failed"
    wrong = forged(path_of(backup), "feature_flags", with_value("note", "x" * 400))
    assert verify_backup(wrong).is_good
