"""Runs manage.py and other programs of ours as processes, with settings of the test."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
