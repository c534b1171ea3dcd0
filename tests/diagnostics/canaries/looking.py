"""Every place where a person, a program or a file might get to see a secret in clear."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from channels_app.models import TaskExecutionRecord
from diagnostics.backup.archive import opened
from diagnostics.backup.parts import all_tables
from diagnostics.models import Backup, HealthReport
from diagnostics.services.backups import make_backup, path_of
from diagnostics.services.reports import make_report
from diagnostics.services.scheduled import report_health
from tests.people import logged_in, make_superuser

OTHER_KEY = "0123456789abcdef" * 2


@dataclass(frozen=True)
class Hand:
    """What a look is made with."""

    settings: LazySettings
    capsys: pytest.CaptureFixture[str]
    folder: Path


Look = Callable[[Hand], Iterator[str]]


def _command(hand: Hand, *words: str) -> str:
    """Run a command; return all that it says, its refusal included."""
    out, err = io.StringIO(), io.StringIO()
    refusal = ""
    try:
        call_command(*words, stdout=out, stderr=err)
    except CommandError as error:
        refusal = str(error)
    except SystemExit as end:
        refusal = f"status {end.code}"
    captured = hand.capsys.readouterr()
    return "\n".join(
        [out.getvalue(), err.getvalue(), captured.out, captured.err, refusal]
    )


def _boss() -> Client:
    person = logged_in(make_superuser())
    person.raise_request_exception = False
    return person


def _pages(*paths: str) -> Iterator[str]:
    boss = _boss()
    for path in paths:
        answer = boss.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        yield f"{answer.headers}{answer.content.decode()}"


def the_report_its_page_markdown_and_json(hand: Hand) -> Iterator[str]:
    base = "/admin/diagnostics/healthreport/"
    report = f"{base}{make_report('ada').pk}"
    yield from _pages(
        base, f"{report}/change/", f"{report}/report.md", f"{report}/report.json"
    )


def the_stored_reports_and_runs(hand: Hand) -> Iterator[str]:
    yield report_health()
    for model in (HealthReport, TaskExecutionRecord):
        yield from map(str, model.objects.values())


def diagnose(hand: Hand) -> Iterator[str]:
    yield _command(hand, "diagnose")
    yield _command(hand, "diagnose", "--json")
    yield _command(hand, "diagnose", "--url", "http://127.0.0.1:9", "--json")


def check_environment(hand: Hand) -> Iterator[str]:
    yield _command(hand, "check_environment")
    yield _command(hand, "check_environment", "--json")


def health_and_metrics(hand: Hand) -> Iterator[str]:
    key = {"x-admin-key": hand.settings.ADMIN_KEY}
    for path in ("/health", "/health?detailed=true", "/readyz", "/api/metrics"):
        answer = Client(headers=key, raise_request_exception=False).get(path)
        yield answer.content.decode()


def a_backup_unpacked(hand: Hand) -> Iterator[str]:
    path = path_of(make_backup(by="ada"))
    yield path.read_bytes().decode("latin-1")
    with ZipFile(path) as parts:
        for name in parts.namelist():
            yield parts.read(name).decode()


def an_encrypted_backup_opened(hand: Hand) -> Iterator[str]:
    passphrase = hand.settings.BACKUP_PASSPHRASE
    path = path_of(make_backup(by="ada", passphrase=passphrase))
    yield path.read_bytes().decode("latin-1")
    with opened(path, passphrase) as archive:
        yield archive.manifest.as_json().decode()
        for table in all_tables():
            yield from map(bytes.decode, archive.lines(table))


def the_list_of_backups(hand: Hand) -> Iterator[str]:
    backup = make_backup(by="ada", passphrase=hand.settings.BACKUP_PASSPHRASE)
    yield _command(hand, "verify_backup", backup.name)
    make_backup(by="ada")
    yield _command(hand, "list_backups")
    yield _command(hand, "list_backups", "--json")
    yield from map(str, Backup.objects.values())
    base = "/admin/diagnostics/backup/"
    yield from _pages(base, f"{base}{backup.pk}/change/")


def a_restore(hand: Hand) -> Iterator[str]:
    name = make_backup(by="ada", passphrase=hand.settings.BACKUP_PASSPHRASE).name
    yield _command(hand, "restore", name, "--dry-run")
    yield _command(hand, "restore", name, "--dry-run", "--json", "--replace")
    yield _command(hand, "restore", name, "--yes")
    yield _command(hand, "restore", name, "--yes", "--json")


def a_restore_refused_for_its_key(hand: Hand) -> Iterator[str]:
    name = make_backup(by="ada").name
    hand.settings.ENCRYPT_KEY = OTHER_KEY
    for more in (["--yes"], ["--yes", "--json"]):
        said = _command(hand, "restore", name, *more)
        assert "foreign_key" in said
        yield said


def a_restore_refused_for_its_passphrase(hand: Hand) -> Iterator[str]:
    name = make_backup(by="ada", passphrase=hand.settings.BACKUP_PASSPHRASE).name
    hand.settings.BACKUP_PASSPHRASE = "quite another passphrase"
    said = _command(hand, "restore", name, "--yes")
    assert "passphrase_wrong" in said
    yield said


def a_restore_refused_for_damage(hand: Hand) -> Iterator[str]:
    path = path_of(make_backup(by="ada"))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    for command in (["restore", "--yes"], ["verify_backup"]):
        said = _command(hand, *command, path.name)
        assert "damaged" in said
        yield said
    yield from map(str, Backup.objects.values())


LOOKS: tuple[Look, ...] = (
    the_report_its_page_markdown_and_json,
    the_stored_reports_and_runs,
    diagnose,
    check_environment,
    health_and_metrics,
    a_backup_unpacked,
    an_encrypted_backup_opened,
    the_list_of_backups,
    a_restore,
    a_restore_refused_for_its_key,
    a_restore_refused_for_its_passphrase,
    a_restore_refused_for_damage,
)
