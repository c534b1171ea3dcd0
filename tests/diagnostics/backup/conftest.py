"""Two backups, made once for many tests, which leave the database as it was."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.stock import backup_to, fill, forget_what_was_filled

Made = Callable[[], object]


def _made(folder: Path, name: str, blocker: DjangoDbBlocker, make: Made) -> Path:
    path = folder / f"{name}.backup"
    with blocker.unblock():
        make()
        try:
            backup_to(path)
        finally:
            forget_what_was_filled()
    return path


@pytest.fixture(scope="session")
def kept(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("backups")
    return {
        "small": _made(folder, "small", django_db_blocker, default_client),
        "full": _made(folder, "full", django_db_blocker, fill),
    }


@pytest.fixture
def small(kept: dict[str, Path], tmp_path: Path) -> Path:
    """Return a backup of a database that holds the default client only."""
    return Path(shutil.copy(kept["small"], tmp_path / "a.backup"))


@pytest.fixture
def full(kept: dict[str, Path], tmp_path: Path) -> Path:
    """Return a backup with something of everything."""
    return Path(shutil.copy(kept["full"], tmp_path / "a.backup"))
