"""The disk runs full under a running service: refused, and back by itself with room."""

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.hits import hits_of
from tests.faults.installed import HOLDS, REPEATS, both_users, installed
from tests.faults.servers import postgres_server
from tests.journeys.calls import SEND, Answer, Api
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

SIZE_MB = {"sqlite": 24, "postgres": 160}
# Nothing that a database could store in less.
TEXT = secrets.token_hex(15_000)
MOST = 3000


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a disk of so many megabytes; skip where nobody may."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    options = f"size={megabytes}m,mode=777"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("no small disk: only root may mount one here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def database_on(disk: Path) -> Iterator[str]:
    if os.environ["TEST_DATABASE"] == "sqlite":
        yield f"sqlite:///{disk}/db.sqlite3"
        return
    with postgres_server(disk / "pg") as server:
        yield server.url


def test_a_disk_that_runs_full_refuses_and_recovers_with_room(tmp_path: Path) -> None:
    size = SIZE_MB[os.environ["TEST_DATABASE"]]
    with (
        small_disk(size) as disk,
        database_on(disk) as database,
        receiver(answering(OK)) as there,
    ):
        ballast = disk / "ballast"
        installation = installed(tmp_path, database, MIN_FREE_DISK_MB="0")
        with installation.started() as service:
            both_users(service.api, there.url)
            accepted = _sent_until_full(service.api, ballast, disk)
            ballast.unlink()
            wait_until(lambda: _ask(service.api, 0).status == 202, "there is room", 60)
            account = wait_until_settled(installation.environment)
    assert accepted <= set(account.rows)
    account.must_balance(set(account.rows), hits_of(there))
    assert account.having("sent", "unknown") == set(account.rows)


def _sent_until_full(api: Api, ballast: Path, disk: Path) -> set[str]:
    """Take what room there is, then send until a 503; return what was accepted."""
    accepted, refused = set[str](), None
    for number in range(MOST):
        _fill(ballast, disk)
        answer = _ask(api, number)
        if answer.status != 202:
            refused = answer
            break
        accepted |= {one["message_id"] for one in answer.json()["results"]}
    assert refused is not None, "the disk never ran full"
    assert refused.status == 503, refused.body.decode()
    assert refused.json()["code"] == "DATABASE_UNAVAILABLE"
    assert int(refused.headers["Retry-After"]) > 0
    return accepted


def _fill(ballast: Path, disk: Path) -> None:
    room = os.statvfs(disk)
    free = room.f_bavail * room.f_frsize
    with ballast.open("ab") as file:
        file.write(b"\0" * max(0, free - 8192))


def _ask(api: Api, number: int) -> Answer:
    form = {
        "user_id": (HOLDS, REPEATS)[number % 2],
        "custom_content": {"content": TEXT},
    }
    return api.call("POST", SEND, form)
