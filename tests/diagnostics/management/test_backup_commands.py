"""The commands on backups: what they say, in which form, and with which status."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from channels_app.models import ApiClient, FeatureFlag, UserConfig
from diagnostics.management.progress_bar import ProgressBar
from diagnostics.models import Backup
from tests.diagnostics.backup.stock import CANARY, fill, forget_everything

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def run(*command: str, status: int = 0) -> str:
    out = io.StringIO()
    found = 0
    try:
        call_command(*command, stdout=out)
    except SystemExit as end:
        found = int(str(end.code))
    assert found == status
    return out.getvalue()


def refused(*command: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command(*command, stdout=io.StringIO())
    assert caught.value.returncode == 2
    return str(caught.value)


def made() -> str:
    told = json.loads(run("backup", "--json"))
    return Path(told["path"]).name


def test_a_backup_tells_its_path_and_how_to_prove_it(tmp_path: Path) -> None:
    fill()
    said = run("backup", "--output", str(tmp_path / "there"), "--logs-days", "1")
    path = next((tmp_path / "there").iterdir())
    assert str(path) in said
    assert f"verify_backup {path.name}" in said
    assert Backup.objects.get().logs_days == 1


def test_a_dry_run_shows_the_plan_and_changes_nothing() -> None:
    fill()
    name = made()
    forget_everything()
    said = run("restore", name, "--dry-run")
    assert "channel configs" in said
    assert "3 deliveries had not gone out" in said
    assert not UserConfig.objects.exists()
    plan = json.loads(run("restore", name, "--dry-run", "--json", "--replace"))
    assert plan["mode"] == "replace"
    assert {part["table"]: part["added"] for part in plan["parts"]}["user_configs"] == 2


def test_a_restore_tells_what_it_did_and_what_to_do_next() -> None:
    fill()
    name = made()
    forget_everything()
    said = run("restore", name, "--yes")
    assert UserConfig.objects.count() == 2
    assert "replay --held" in said
    assert "sending resume" in said
    assert not FeatureFlag.objects.get(name="sending").is_enabled
    assert CANARY not in said


def test_a_restore_that_nobody_confirms_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill()
    name = made()
    forget_everything()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert "--yes" in refused("restore", name)
    assert not UserConfig.objects.exists()


def test_only_some_kinds_are_restored() -> None:
    fill()
    name = made()
    forget_everything()
    run("restore", name, "--only", "configs", "--yes")
    assert UserConfig.objects.count() == 2
    with pytest.raises(CommandError, match="choose among"):
        call_command("restore", name, "--only", "users")


def test_what_does_not_work_afterwards_is_status_1() -> None:
    fill()
    name = made()
    # The default client is off, so the signed request is refused.
    ApiClient.objects.update(is_active=False)
    name = made()
    looks = json.loads(run("restore", name, "--yes", "--json", status=1))["validation"]
    assert [look["name"] for look in looks if not look["is_good"]] == ["api"]


def test_a_cache_that_is_away_is_told_after_a_restore(settings: Any) -> None:
    fill()
    name = made()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    looks = json.loads(run("restore", name, "--yes", "--json", status=1))["validation"]
    [cache] = [look for look in looks if look["name"] == "cache"]
    assert not cache["is_good"]
    assert "ConnectionError" in cache["evidence"]


@pytest.mark.parametrize(
    "command", [["restore", "--yes"], ["restore", "--dry-run"], ["verify_backup"]]
)
def test_a_damaged_file_is_refused_with_its_remedy(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.backup"
    path.write_bytes(b"PK nothing")
    assert "not_a_backup" in refused(*command, str(path))
    with pytest.raises(SystemExit) as end:
        call_command(*command, str(path), "--json")
    assert end.value.code == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "not_a_backup"
    assert error["remedy"]


def test_encryption_takes_the_passphrase_from_the_settings(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert "passphrase_needed" in refused("backup", "--encrypt")
    settings.BACKUP_PASSPHRASE = "correct horse battery"
    assert json.loads(run("backup", "--encrypt", "--json"))["is_encrypted"]
    name = Backup.objects.filter(is_encrypted=True).get().name
    run("restore", name, "--dry-run")
    settings.BACKUP_PASSPHRASE = "another passphrase"
    assert "passphrase_wrong" in refused("restore", name, "--dry-run")


def test_the_list_has_status_1_when_something_is_wrong(tmp_path: Path) -> None:
    assert "no backup yet" in run("list_backups")
    name = made()
    assert name in run("list_backups")
    (tmp_path / "backups" / name).unlink()
    assert "gone" in run("list_backups", status=1)
    assert json.loads(run("list_backups", "--json", status=1))[0]["is_wrong"]


@pytest.mark.parametrize("name", ["backup", "restore", "verify_backup", "list_backups"])
def test_each_command_shows_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call_command(name, "--help")
    assert "Example: manage.py" in " ".join(capsys.readouterr().out.split())


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    terminal, elsewhere = _Terminal(), io.StringIO()
    for stream in (terminal, elsewhere):
        bar = ProgressBar(stream)
        for done in range(0, 1001, 50):
            bar("logs", done, 1000)
        bar.end()
    assert "100 % logs" in terminal.getvalue()
    assert "\n" not in terminal.getvalue().rstrip("\n")
    lines = elsewhere.getvalue().splitlines()
    assert 4 <= len(lines) <= 6
    assert "\r" not in elsewhere.getvalue()
