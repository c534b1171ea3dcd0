"""How much room is left where the database, or else the service's data, lies."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

_FRESH_SECONDS = 1.0
_MB = 1024 * 1024


@dataclass(frozen=True)
class DiskState:
    """The megabytes that are free; None when the folder cannot be asked."""

    free_mb: int | None
    least_mb: int

    @property
    def is_short(self) -> bool:
        return self.free_mb is not None and self.free_mb < self.least_mb


class _Remembered:
    """The state of the disk as of a second ago at most."""

    def __init__(self) -> None:
        self.state = DiskState(None, 0)
        self.read_at = float("-inf")

    def forget(self) -> None:
        self.read_at = float("-inf")

    def now(self) -> DiskState:
        if time.monotonic() - self.read_at > _FRESH_SECONDS:
            self.state = disk_state()
            self.read_at = time.monotonic()
        return self.state


DISK = _Remembered()


def disk_state() -> DiskState:
    """Ask the disk of SQLite's file; with PostgreSQL, that of DATA_DIR."""
    least: int = settings.MIN_FREE_DISK_MB
    try:
        return DiskState(shutil.disk_usage(_folder()).free // _MB, least)
    except OSError:
        # Whatever needs the folder reports this with its own words.
        return DiskState(None, least)


def _folder() -> Path:
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        if file.is_absolute():
            return file.parent
    return Path(settings.DATA_DIR)
