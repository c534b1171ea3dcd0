"""`manage.py diagnose` and `check_environment`, as a person at a terminal uses them."""

import json
import sqlite3
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from diagnostics.checks import machine
from tests.diagnostics.checks.faults import live_worker
from tests.notifications_site.programs import free_port, manage, settings_for

STEPS = ["api", "database", "errors", "queue", "performance", "resources"]


@pytest.fixture(autouse=True)
def _an_idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BUSY_PER_CORE", 1000.0)


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command(*arguments, stdout=out)
    except SystemExit as left:
        return out.getvalue(), int(str(left.code))
    return out.getvalue(), 0


def run_json(*arguments: str) -> tuple[dict[str, Any], int]:
    said, status = run(*arguments, "--json")
    return json.loads(said), status


@pytest.mark.django_db(transaction=True)
def test_a_healthy_installation_ends_with_status_0() -> None:
    live_worker("worker-1")
    told, status = run_json("diagnose")
    assert status == 0
    assert [step["name"] for step in told["steps"]] == STEPS
    assert [step["state"] for step in told["steps"]] == ["ok"] * 6
    assert told["summary"].startswith("All is well")


@pytest.mark.django_db(transaction=True)
def test_a_finding_comes_with_cause_remedy_and_command_and_status_1() -> None:
    said, status = run("diagnose")
    assert status == 1
    assert "[CRITICAL] Nobody sends: no worker is alive. [queue.no_worker]" in said
    assert "Command: manage.py worker" in said
    assert said.rstrip().endswith("Nobody sends: no worker is alive.")
    assert "\x1b" not in said


@pytest.mark.django_db(transaction=True)
def test_the_json_has_the_shape_that_programs_rely_on() -> None:
    told, _status = run_json("diagnose")
    [finding] = told["findings"]
    names = ("id", "severity", "title", "cause", "evidence", "remedy", "fix_command")
    assert all(finding[name] for name in names)
    assert set(told) == {"steps", "findings", "summary"}


@pytest.mark.django_db(transaction=True)
def test_the_environment_is_checked_by_the_same_checks() -> None:
    told, status = run_json("check_environment")
    assert (status, told["findings"]) == (0, [])
    said, _status = run("check_environment")
    assert "[ok] Migrations" in said
    assert "[ok] Packages: Python 3." in said


def test_wrong_values_are_named_with_their_remedy(tmp_path: Path) -> None:
    environment = settings_for(tmp_path, ENCRYPT_KEY="short", WORKERS="many")
    manage("migrate", "-v0", environment=settings_for(tmp_path))
    done = manage("check_environment", "--json", environment=environment)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["findings"]
    wrong = {
        one["about"].split()[1]
        for one in found
        if one["id"] == "environment.wrong_value"
    }
    assert wrong == {"ENCRYPT_KEY", "WORKERS"}
    assert "short" not in done.stdout.replace("short of", "")


def test_a_database_that_is_away_is_found_not_a_crash(tmp_path: Path) -> None:
    nowhere = f"postgres://u:canary@127.0.0.1:{free_port()}/n"
    environment = settings_for(tmp_path, DATABASE_URL=nowhere)
    done = manage("diagnose", "--json", environment=environment)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["findings"][0]["id"] == "database.unreachable"
    assert "check.broke" not in {one["id"] for one in told["findings"]}
    assert "canary" not in done.stdout + done.stderr


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    environment = settings_for(tmp_path, DATABASE_URL=f"sqlite:///{file}")
    manage("migrate", "-v0", environment=environment)
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [root] = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'logs_of_request'"
        ).fetchone()
        [size] = database.execute("PRAGMA page_size").fetchone()
    database.close()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\xff" * size)
    done = manage("diagnose", "--json", environment=environment)
    found = {one["id"] for one in json.loads(done.stdout)["findings"]}
    assert "database.damaged" in found


def test_an_installation_that_does_not_answer_is_diagnosed_from_outside() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    told, status = run_json("diagnose", "--url", url)
    assert status == 1
    assert {one["id"] for one in told["findings"]} == {"api.unreachable"}
    assert [step["name"] for step in told["steps"]] == STEPS


@pytest.mark.parametrize("url", ["notify.example.com", "ftp://x", "http://"])
def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match="Give an address") as refused:
        call_command("diagnose", "--url", url)
    assert refused.value.returncode == 2
