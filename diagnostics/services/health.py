"""Whether the service can do its work: database, migrations, queue, cache."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.core.cache import cache
from django.db import connection

from channels_app.selectors.disk import DiskState, disk_state
from channels_app.selectors.engine import QueueState, queue_state
from channels_app.selectors.switches import is_on
from diagnostics.checks.missing_migrations import missing_migrations
from diagnostics.services.timed import Reply, ask

# All that is asked together stays below the two seconds that a probe waits.
_DATABASE_SECONDS = 1.2
_CACHE_SECONDS = 0.6
_WHERE_TO_LOOK = (
    "look whether the database's file can be opened, or PostgreSQL runs and is where "
    "DATABASE_URL says"
)


class Health(StrEnum):
    """How the service is, in one word."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True)
class DatabaseState:
    """What the database says of itself."""

    vendor: str
    version: str
    missing_migrations: tuple[str, ...]
    queue: QueueState | None
    is_sending: bool = True


@dataclass(frozen=True)
class HealthState:
    """What was found, each with its time."""

    database: Reply[DatabaseState]
    cache: Reply[str]
    disk: DiskState

    @property
    def queue(self) -> QueueState | None:
        return self.database.value.queue if self.database.value else None

    @property
    def is_queue_good(self) -> bool:
        return bool(self.queue and self.queue.is_worked)

    @property
    def health(self) -> Health:
        if not self.database.is_good:
            return Health.UNHEALTHY
        if self.reasons or self.notes or not self.cache.is_good:
            return Health.DEGRADED
        return Health.HEALTHY

    @property
    def notes(self) -> list[str]:
        """What is as somebody wanted it, and still keeps notifications from people."""
        state = self.database.value
        if state is None or state.is_sending:
            return []
        return ["sending: paused; look at its note, then run manage.py sending resume"]

    @property
    def missing_migrations(self) -> tuple[str, ...]:
        return self.database.value.missing_migrations if self.database.value else ()

    @property
    def reasons(self) -> list[str]:
        """Why the service is not ready, one line each."""
        if not self.database.is_good:
            return [f"database: {self.database.problem}; {_WHERE_TO_LOOK}"]
        reasons = []
        if self.missing_migrations:
            names = ", ".join(self.missing_migrations[:5])
            reasons.append(f"migrations: not applied: {names}; run manage.py migrate")
        if not self.is_queue_good:
            reasons.append("queue: no worker is alive; run manage.py worker")
        if self.disk.is_short:
            reasons.append(
                f"disk: {self.disk.free_mb} MB free, at least {self.disk.least_mb} MB "
                "are needed to accept; make room or lower MIN_FREE_DISK_MB"
            )
        return reasons


def health_state() -> HealthState:
    """Ask the database and the cache; takes two seconds at the very most."""
    return HealthState(
        database=ask(_database_state, seconds=_DATABASE_SECONDS),
        cache=ask(_cache_state, seconds=_CACHE_SECONDS),
        disk=disk_state(),
    )


def _database_state() -> DatabaseState:
    missing = missing_migrations()
    return DatabaseState(
        vendor=connection.vendor,
        version=".".join(map(str, connection.get_database_version())),
        missing_migrations=missing,
        queue=None if missing else queue_state(),
        is_sending=bool(missing) or is_on("sending"),
    )


def _cache_state() -> str:
    """Write and read back a value. Raises LookupError when it is not there."""
    name, nonce = f"health:{secrets.token_hex(4)}", secrets.token_hex(8)
    cache.set(name, nonce, timeout=10)
    if cache.get(name) != nonce:
        raise LookupError
    cache.delete(name)
    return type(cache).__name__
