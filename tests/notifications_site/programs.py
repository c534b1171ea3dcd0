"""Runs manage.py and other programs of ours as processes, with settings of the test."""

import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parent.parent.parent


def settings_for(folder: Path, **changed: str) -> dict[str, str]:
    """Return an environment with a database of its own, of the kind under test."""
    own = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": _new_database(folder),
        "LOG_LEVEL": "INFO",
    }
    return {**os.environ, **own, **changed}


def _new_database(folder: Path) -> str:
    if os.environ["TEST_DATABASE"] == "sqlite":
        return f"sqlite:///{folder}/db.sqlite3"
    server = os.environ["DATABASE_URL"]
    name = f"own_{secrets.token_hex(8)}"
    address = server.replace("///notifications?", "///postgres?")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return server.replace("///notifications?", f"///{name}?")


def migrate(environment: Mapping[str, str]) -> None:
    """Give a database that is empty the tables, from a copy made once a test process.

    The migrations themselves are tested elsewhere; here they cost seconds a test.
    """
    address = environment["DATABASE_URL"]
    if address.startswith("sqlite"):
        _copy_file(_migrated(os.environ["TEST_SEALED_DIR"]), address)
        return
    server, name, options = split_address(address)
    template = _migrated(f"{server}?{options}")
    with psycopg.connect(f"{server}/postgres?{options}", autocommit=True) as there:
        there.execute(SQL("DROP DATABASE {}").format(Identifier(name)))
        make = SQL("CREATE DATABASE {} TEMPLATE {}")
        there.execute(make.format(Identifier(name), Identifier(template)))


@cache
def _migrated(where: str) -> str:
    """Return a database that was migrated: a file's path, or a name on a server."""
    if where.startswith("/"):
        path = f"{where}/migrated-{os.getpid()}.sqlite3"
        _migrate(f"sqlite:///{path}")
        return path
    server, _, options = where.partition("?")
    name = f"migrated_{secrets.token_hex(8)}"
    with psycopg.connect(f"{server}/postgres?{options}", autocommit=True) as there:
        there.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    _migrate(f"{server}/{name}?{options}")
    return name


def _migrate(address: str) -> None:
    done = manage("migrate", "-v0", environment={**os.environ, "DATABASE_URL": address})
    assert done.returncode == 0, done.stdout + done.stderr


def _copy_file(source: str, address: str) -> None:
    path = address.removeprefix("sqlite:///")
    with (
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(path)) as new,
    ):
        old.backup(new)


def split_address(address: str) -> tuple[str, str, str]:
    """Return server, name and options of a PostgreSQL database's address."""
    given, _, options = address.partition("?")
    server, _, name = given.rpartition("/")
    return server, name, options


def manage(
    *arguments: str, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(
    *arguments: str, environment: Mapping[str, str], output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a management command in a group of its own; end it at the latest here."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            env=dict(environment),
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(25)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
