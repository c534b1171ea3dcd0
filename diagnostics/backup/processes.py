"""Running our own commands in processes of their own, with the settings of this one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping

from django.conf import settings

from diagnostics.backup.databases import settings_like_default
from diagnostics.backup.urls import database_url


def own_environment(**changes: str) -> dict[str, str]:
    """Return the environment in which a command works on what this process works on."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(settings_like_default()),
        "DATA_DIR": str(settings.DATA_DIR),
        "NOTIFICATIONS_ROLE": "command",
        "ENCRYPT_KEY": settings.ENCRYPT_KEY,
        "ENCRYPT_KEYS_OLD": ",".join(settings.ENCRYPT_KEYS_OLD),
        "API_SECRET_KEY": settings.API_SECRET_KEY,
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        "BACKUP_PASSPHRASE": settings.BACKUP_PASSPHRASE,
        **changes,
    }


def _command(words: tuple[str, ...]) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def run_command(
    *words: str, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; return what it said and its status."""
    return subprocess.run(  # noqa: S603 - our own commands, no shell
        _command(words),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def start_command(*words: str) -> None:
    """Start a command that goes on after this request, and after this process."""
    process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
        _command(words),
        env=own_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Somebody must take note of its end, or it stays in the process table.
    threading.Thread(target=process.wait, daemon=True).start()
