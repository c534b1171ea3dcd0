"""The table of contents of a backup: what made it, what is in it, what it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from channels_app.selectors.keys import known_key_ids
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.seal import FORMAT

NAME = "manifest.json"
MOST_BYTES = 1 << 20
APPS = ("templates_app", "channels_app", "diagnostics")


@dataclass(frozen=True)
class PartFacts:
    """How much a part holds, unpacked, and its SHA-256; `greatest` is its last number."""

    rows: int
    bytes: int
    sha256: str
    greatest: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    `key_ids` name the keys of the secrets in it; `lost_key_ids` those of them that were
    not known where it was made, either.
    """

    format: int
    version: str
    made_at: datetime
    logs_since: datetime
    logs_days: int
    instance_id: str
    database: str
    migrations: Mapping[str, list[str]]
    key_ids: tuple[str, ...]
    lost_key_ids: tuple[str, ...]
    parts: Mapping[str, PartFacts]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())

    def as_json(self) -> bytes:
        """Return the text that is stored."""
        return json.dumps(asdict(self), default=str, indent=1).encode()


def new_manifest(
    *, made_at: datetime, logs_since: datetime, logs_days: int, using: str
) -> Manifest:
    """Return the table of contents of a backup that nothing is in yet."""
    return Manifest(
        format=FORMAT,
        version=settings.VERSION,
        made_at=made_at,
        logs_since=logs_since,
        logs_days=logs_days,
        instance_id=settings.INSTANCE_ID,
        database=connections[using].vendor,
        migrations=_applied(using),
        key_ids=(),
        lost_key_ids=(),
        parts={},
    )


def _applied(using: str) -> dict[str, list[str]]:
    applied = MigrationLoader(connections[using]).applied_migrations
    found: dict[str, list[str]] = {app: [] for app in APPS}
    for app, name in sorted(applied):
        if app in found:
            found[app].append(name)
    return found


def read_manifest(text: bytes) -> Manifest:
    """Return what was stored. Raises BackupRefusedError with wrong_manifest."""
    try:
        return _manifest(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BackupRefusedError("wrong_manifest") from error


def _manifest(data: Mapping[str, Any]) -> Manifest:
    if data["format"] > FORMAT:
        raise BackupRefusedError(
            "newer_format", format=int(data["format"]), known=FORMAT
        )
    return Manifest(
        format=int(data["format"]),
        version=str(data["version"]),
        made_at=_moment(data["made_at"]),
        logs_since=_moment(data["logs_since"]),
        logs_days=int(data["logs_days"]),
        instance_id=str(data["instance_id"]),
        database=str(data["database"]),
        migrations={app: list(names) for app, names in data["migrations"].items()},
        key_ids=tuple(map(str, data["key_ids"])),
        lost_key_ids=tuple(map(str, data["lost_key_ids"])),
        parts={str(name): _facts(facts) for name, facts in data["parts"].items()},
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _facts(data: Mapping[str, Any]) -> PartFacts:
    rows, size, greatest = data["rows"], data["bytes"], data["greatest"]
    for number in (rows, size, greatest):
        if type(number) is not int or number < 0:
            raise ValueError(number)
    return PartFacts(rows, size, str(data["sha256"]), greatest)


def require_fitting(manifest: Manifest, *, using: str) -> None:
    """Refuse a backup that this product, its keys or this database do not fit.

    Raises BackupRefusedError: newer_product, not_migrated or lost_secrets.
    """
    loader = MigrationLoader(connections[using])
    known = set(loader.disk_migrations)
    for app, names in manifest.migrations.items():
        for name in names:
            if (app, name) not in known:
                shown = f"{app}.{PurePath(name).name[:80]}"
                raise BackupRefusedError(
                    "newer_product", name=shown, version=manifest.version[:20]
                )
    for app, name in sorted(known - set(loader.applied_migrations)):
        if app in APPS:
            raise BackupRefusedError("not_migrated", name=f"{app}.{name}")
    needed = set(manifest.key_ids) - set(manifest.lost_key_ids) - known_key_ids()
    if needed:
        raise BackupRefusedError("lost_secrets", key=", ".join(sorted(needed))[:80])
