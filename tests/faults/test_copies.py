"""A copy of a database, restored or cloned, sends nothing until a person has looked."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import Account, wait_until_settled
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.queries import query
from tests.journeys.service import Installation, Service
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

LIFE = "SELECT count(*) FROM canaries WHERE runs > 0"
EACH = 5


def test_a_copy_sends_nothing_until_it_is_released_and_then_everything(
    tmp_path: Path,
) -> None:
    original = installed(tmp_path, INSTANCE_ID="original")
    with receiver(answering(OK)) as there:
        with original.started() as service:
            both_users(service.api, there.url)
            original.manage("sending", "pause")
            accepted = _send(service)
        original.manage("sending", "resume")
        copy = _copied(original, tmp_path / "copy")
        with copy.started():
            ran = query(copy.environment, LIFE)[0][0]
            wait_until(lambda: query(copy.environment, LIFE)[0][0] > ran, "it works")
            assert not there.requests
            assert Account.of(copy.environment).having("pending") == accepted
            copy.manage("sending", "resume")
            account = wait_until_settled(copy.environment)
    account.must_balance(accepted, hits_of(there))
    assert account.having("sent") == accepted
    assert account.marked() == set()
    assert Account.of(original.environment).having("pending") == accepted


def _send(service: Service) -> set[str]:
    return {
        message_id
        for user in GUARANTEES
        for _ in range(EACH)
        for message_id in service.api.send(
            user_id=user, custom_content={"content": "Hello"}
        )
    }


def _copied(original: Installation, folder: Path) -> Installation:
    """Return an installation on a copy of another's database, with an id of its own."""
    folder.mkdir()
    source = original.environment["DATABASE_URL"]
    url = _copy_file(source, folder) if "sqlite" in source else _copy_server(source)
    changed = {"DATA_DIR": str(folder), "DATABASE_URL": url, "INSTANCE_ID": "copy"}
    environment = {**original.environment, **changed}
    return replace(original, folder=folder, environment=environment)


def _copy_file(source: str, folder: Path) -> str:
    path = folder / "db.sqlite3"
    with (
        closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as old,
        closing(sqlite3.connect(path)) as new,
    ):
        old.backup(new)
    return f"sqlite:///{path}"


def _copy_server(source: str) -> str:
    """Copy a database that nobody uses, beside it."""
    given, _, options = source.partition("?")
    server, name = given.rsplit("/", 1)
    copy = f"{name}_copy"
    with psycopg.connect(f"{server}/postgres?{options}", autocommit=True) as connection:
        statement = f"CREATE DATABASE {copy} TEMPLATE {name}"
        connection.execute(statement.encode())
    return f"{server}/{copy}?{options}"
