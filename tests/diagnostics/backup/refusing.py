"""Restores that are refused and change nothing."""

from pathlib import Path

import pytest

from diagnostics.backup.archive import opened
from diagnostics.backup.manifest import require_fitting
from diagnostics.backup.planning import Wanted, plan_restore
from diagnostics.backup.refusals import BackupRefusedError
from tests.diagnostics.backup.stock import everything

CLIENTS = "api_clients"
LOGS = "notification_logs"


def refused(path: Path, passphrase: str = "") -> str:
    """Return the code that a restore of the file is refused with."""
    before = everything()
    with pytest.raises(BackupRefusedError) as caught:
        _plan(path, passphrase)
    assert everything() == before
    assert caught.value.sentence
    assert caught.value.remedy
    return caught.value.code


def _plan(path: Path, passphrase: str) -> None:
    with opened(path, passphrase) as archive:
        require_fitting(archive.manifest, using="default")
        plan_restore(archive, Wanted())
