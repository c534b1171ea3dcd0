"""Scratch databases to restore into: made, used, and gone without a trace."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from diagnostics.backup.databases import connected, settings_like_default
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.urls import database_url

PREFIX = "notifications_scratch_"
_STAMP = "%Y%m%d%H%M%S"
_LEFT_BEHIND = timedelta(days=1)
_SERVER = "backup_server"


@dataclass(frozen=True)
class Scratch:
    """An empty database, and a folder for whoever uses it."""

    folder: Path
    described: Mapping[str, Any]

    @property
    def url(self) -> str:
        """What DATABASE_URL must be to use it; it may hold a password."""
        return database_url(self.described)


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Set up an empty database like the one in use, until the block ends.

    On PostgreSQL whose user may not create databases it is a SQLite file.
    Raises BackupRefusedError.
    """
    _forget_left_behind()
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=settings.DATA_DIR))
    except OSError as error:
        raise BackupRefusedError("scratch_failed", why=error.strerror) from error
    try:
        with _database(folder) as described:
            yield Scratch(folder, described)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(folder: Path) -> Iterator[Mapping[str, Any]]:
    name = f"{PREFIX}{datetime.now(UTC):{_STAMP}}_{secrets.token_hex(4)}"
    is_postgres = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
    if not is_postgres or not _is_created(name):
        yield _file(folder)
        return
    try:
        yield settings_like_default(NAME=name)
    finally:
        _drop(name)


def _file(folder: Path) -> Mapping[str, Any]:
    return settings_like_default(
        ENGINE="django.db.backends.sqlite3",
        NAME=str(folder / "scratch.sqlite3"),
        OPTIONS={},
    )


def _is_created(name: str) -> bool:
    with connected(_SERVER, settings_like_default()) as alias:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
        except DatabaseError:
            return False
    return True


def _drop(name: str) -> None:
    with (
        connected(_SERVER, settings_like_default()) as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _forget_left_behind() -> None:
    """Remove what a verification that was killed left behind."""
    oldest = time.time() - _LEFT_BEHIND.total_seconds()
    for folder in Path(settings.DATA_DIR).glob(f"{PREFIX}*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return
    before = f"{PREFIX}{datetime.now(UTC) - _LEFT_BEHIND:{_STAMP}}"
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname < %s",
            [PREFIX.replace("_", r"\_") + "%", before],
        )
        names = [str(row[0]) for row in cursor.fetchall()]
    for name in names:
        _drop(name)
