"""Which migrations of the code the database does not have yet."""

from __future__ import annotations

from functools import lru_cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def missing_migrations() -> tuple[str, ...]:
    """Return their names, such as `channels_app.0002_default_client`: one query."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = sorted(_known_migrations() - applied)
    return tuple(f"{app}.{name}" for app, name in missing)


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
