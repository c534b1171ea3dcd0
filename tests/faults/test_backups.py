"""A backup made under load comes back whole in a new database, and nothing of it is sent."""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, Receiver, answering, receiver
from tests.faults.account import Account, wait_until_settled
from tests.faults.backups import SECRETS, TABLES, TEXTS, rows_of, stock
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.queries import query
from tests.journeys.conftest import new_database
from tests.journeys.service import Installation, Service
from tests.notifications_site.programs import ROOT
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

IS_POSTGRES = os.environ.get("TEST_DATABASE") == "postgres"
WAYS = [("postgres", "postgres"), ("postgres", "sqlite"), ("sqlite", "postgres")]
WAYS = WAYS if IS_POSTGRES else [("sqlite", "sqlite")]
LIFE = "SELECT count(*) FROM canaries WHERE runs > 0"
HELD_BACK = """
    SELECT message_id, user_id FROM notification_logs WHERE error_code = 'restored'"""
LOGS = "SELECT count(*) FROM notification_logs"
KEYS = ("ENCRYPT_KEY", "API_SECRET_KEY", "DJANGO_SECRET_KEY")
UNCHANGED = [table for table in TABLES if table[:6] in {"api_cl", "user_c", "templa"}]


def database(kind: str, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    return (
        new_database(folder) if kind == "postgres" else f"sqlite:///{folder}/db.sqlite3"
    )


def made(folder: Path, kind: str, like: Installation | None = None) -> Installation:
    """Return an installation, with another's keys and id if one is named."""
    url = database(kind, folder)
    shared = {name: like.environment[name] for name in KEYS} if like else {}
    return installed(folder, url, INSTANCE_ID="the-same", **shared)


@contextmanager
def sending(service: Service) -> Iterator[list[str]]:
    """Send without a pause until the block ends; yield what was accepted so far."""
    accepted: list[str] = []
    is_over = threading.Event()

    def send() -> None:
        while not is_over.is_set():
            for user in ("repeats", "holds"):
                accepted.extend(
                    service.api.send(user_id=user, custom_content={"content": "Hi"})
                )

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield accepted
    finally:
        is_over.set()
        thread.join()


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_backup_under_load_comes_back_whole_and_sends_nothing(
    tmp_path: Path, source: str, target: str
) -> None:
    original = made(tmp_path / "original", source)
    stock(original.environment, 50)
    with receiver(answering(OK)) as there:
        with original.started() as service:
            both_users(service.api, there.url)
            with sending(service) as accepted:
                wait_until(lambda: len(accepted) > 100, "there is load")
                before = set(accepted)
                told = json.loads(original.manage("backup", "--json"))
                after = set(accepted)
        new = made(tmp_path / "new", target, like=original)
        restored = json.loads(new.manage("restore", told["path"], "--yes", "--json"))
        assert all(look["is_good"] for look in restored["validation"])
        _compare(original, new, told["rows"])
        _must_be_one_moment(new, before, after)
        _must_send_nothing_until_released(new, there)


def _compare(
    original: Installation, new: Installation, counts: Mapping[str, int]
) -> None:
    there, here = rows_of(original.environment), rows_of(new.environment)
    for table in UNCHANGED:
        assert here[table] == there[table], table
    assert {table: len(here[table]) for table in TABLES} == {
        table: counts[table] for table in TABLES
    }
    ended = {row["message_id"]: row for row in there["notification_logs"]}
    for row in here["notification_logs"]:
        if row["error_code"] != "restored":
            assert row == ended[row["message_id"]]
    for code in (TEXTS, SECRETS):
        said = original.manage("shell", "-v0", "-c", code)
        assert said.strip()
        assert new.manage("shell", "-v0", "-c", code) == said


def _must_be_one_moment(new: Installation, before: set[str], after: set[str]) -> None:
    rows = rows_of(new.environment, "notification_logs", "delivery_attempts")
    loaded = {
        r["message_id"]
        for r in rows["notification_logs"]
        if r["user_id"] in {"repeats", "holds"}
    }
    assert before <= loaded <= after
    tries: dict[int, int] = {}
    for row in rows["delivery_attempts"]:
        tries[row["log_id"]] = tries.get(row["log_id"], 0) + 1
    for row in rows["notification_logs"]:
        assert tries.get(row["id"], 0) == row["attempt_no"], row


def _must_send_nothing_until_released(new: Installation, there: Receiver) -> None:
    hits = hits_of(there)
    held = dict(query(new.environment, HELD_BACK))
    # What else the backup holds has no receiver here.
    ours = {one for one, user in held.items() if user in GUARANTEES}
    assert ours
    with new.started():
        ran = query(new.environment, LIFE)[0][0]
        wait_until(lambda: query(new.environment, LIFE)[0][0] > ran, "it works")
        assert hits_of(there) == hits
        assert not Account.of(new.environment).having("pending", "retrying", "sending")
        plan = json.loads(new.manage("replay", "--held", "--json"))
        assert plan["matched"] == len(held)
        new.manage("replay", "--held", "--yes", "--include-duplicates")
        assert hits_of(there) == hits
        new.manage("sending", "resume")
        account = wait_until_settled(new.environment)
    assert ours <= account.having("sent")
    assert hits_of(there) - hits == Counter(ours)


def restoring(installation: Installation, path: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "restore", path, "--replace", "--yes"],
        env=installation.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_restore_that_is_killed_and_run_again_ends_the_same(
    tmp_path: Path, source: str, target: str
) -> None:
    original = made(tmp_path / "original", source)
    count = 3000
    stock(original.environment, count)
    path = json.loads(original.manage("backup", "--json"))["path"]
    killed = made(tmp_path / "killed", target, like=original)
    for statement, least in [
        ("SELECT count(*) FROM user_configs", 1),
        ("SELECT count(*) FROM notification_templates", 1),
        (LOGS, 1),
        (LOGS, count // 2),
    ]:
        _kill_when(killed, path, statement, least)
    assert 0 < query(killed.environment, LOGS)[0][0] < count
    killed.manage("restore", path, "--replace", "--yes")
    at_once = made(tmp_path / "at_once", target, like=original)
    at_once.manage("restore", path, "--replace", "--yes")
    assert rows_of(killed.environment) == rows_of(at_once.environment)
    assert rows_of(killed.environment, *UNCHANGED) == rows_of(
        original.environment, *UNCHANGED
    )


def _kill_when(
    installation: Installation, path: str, statement: str, least: int
) -> None:
    process = restoring(installation, path)
    try:
        wait_until(
            lambda: query(installation.environment, statement)[0][0] >= least,
            statement,
            60,
        )
    finally:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    tmp_path: Path,
) -> None:
    original = made(tmp_path / "original", "postgres" if IS_POSTGRES else "sqlite")
    stock(original.environment, 3000)
    folder = tmp_path / "original" / "backups"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "backup"],
        env=original.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: list(folder.glob("*.partial")), "it writes")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(folder.glob("*.backup"))
    told = json.loads(original.manage("backup", "--json"))
    assert [str(path) for path in folder.glob("*.backup")] == [told["path"]]


def test_no_secret_is_told_by_any_command(tmp_path: Path) -> None:
    canary = f"canary-{secrets.token_hex(8)}"
    kind = "postgres" if IS_POSTGRES else "sqlite"
    original = made(tmp_path / "original", kind)
    original.environment["CANARY"] = canary
    plant = (
        "from tests.channels_app.delivery.deliveries import webhook_config;"
        "from channels_app.models import Secret;import os;"
        "webhook_config('https://example.com/',"
        "secret_data=Secret({'secret': os.environ['CANARY']}))"
    )
    original.manage("shell", "-v0", "-c", plant)
    told = json.loads(original.manage("backup", "--json"))
    said = [
        original.manage("restore", told["path"], "--yes"),
        original.manage("verify_backup", told["path"]),
        original.manage("list_backups"),
    ]
    everything = "".join(said).encode() + Path(told["path"]).read_bytes()
    assert canary.encode() not in everything
    assert original.environment["ENCRYPT_KEY"].encode() not in everything
