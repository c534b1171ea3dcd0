"""Proving a backup: restored into a scratch database, and compared row by row."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from diagnostics.backup.archive import Archive, opened
from diagnostics.backup.databases import connected
from diagnostics.backup.joining import Mode
from diagnostics.backup.manifest import require_fitting
from diagnostics.backup.parts import PARTS
from diagnostics.backup.planning import Plan, Wanted, plan_restore
from diagnostics.backup.processes import own_environment, run_command
from diagnostics.backup.progress import OnProgress, in_silence
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.scratch import Scratch, scratch_database

SCRATCH = "backup_scratch"
_FOUND_SOMETHING = 1


@dataclass(frozen=True)
class Proof:
    """Whether a backup restores to what it holds, and what was seen."""

    is_good: bool
    summary: str
    rows: int
    differences: Sequence[str] = ()
    notes: Sequence[str] = ()


def prove(
    path: Path, passphrase: str = "", on_progress: OnProgress = in_silence
) -> Proof:
    """Restore a backup into a scratch database as a person would, and compare.

    Raises BackupRefusedError when the file is refused or nothing can be tried.
    """
    with opened(path, passphrase) as archive:
        require_fitting(archive.manifest, using="default")
        with scratch_database() as scratch:
            _run(scratch, passphrase, "migrate", "--verbosity", "0")
            notes = _restored(scratch, path, passphrase)
            return _compared(archive, scratch, notes, on_progress)


def _restored(scratch: Scratch, path: Path, passphrase: str) -> list[str]:
    command = ["restore", str(path.resolve()), "--replace", "--yes", "--json"]
    done = _run(scratch, passphrase, *command)
    try:
        looks = json.loads(done.stdout.splitlines()[-1])["validation"]
    except (ValueError, KeyError, IndexError) as error:
        raise _failed(done) from error
    return [f"{look['name']}: {look['evidence']}" for look in looks if _is_odd(look)]


def _is_odd(look: dict[str, object]) -> bool:
    return not look["is_good"]


def _run(
    scratch: Scratch, passphrase: str, *command: str
) -> subprocess.CompletedProcess[str]:
    """Run a command on the scratch database in a process of its own."""
    done = run_command(
        *command,
        environment=own_environment(
            # Nothing in use is reached: neither database, cache nor folder.
            DATABASE_URL=scratch.url,
            DATA_DIR=str(scratch.folder),
            REDIS_URL="",
            INSTANCE_ID="",
            LOG_LEVEL="WARNING",
            BACKUP_PASSPHRASE=passphrase,
        ),
    )
    if done.returncode not in {0, _FOUND_SOMETHING}:
        raise _failed(done)
    return done


def _failed(done: subprocess.CompletedProcess[str]) -> BackupRefusedError:
    lines = (done.stdout + done.stderr).strip().splitlines()
    return BackupRefusedError("scratch_failed", why=lines[-1] if lines else "?")


def _compared(
    archive: Archive, scratch: Scratch, notes: list[str], on_progress: OnProgress
) -> Proof:
    wanted = Wanted(mode=Mode.REPLACE, using=SCRATCH)
    with connected(SCRATCH, scratch.described):
        plan = plan_restore(archive, wanted, on_progress)
    wrong = [*plan.differences, *_too_many(plan)]
    rows = sum(archive.manifest.parts[p.table.name].rows for p in PARTS)
    if wrong:
        told = _("It does not restore to what it holds: %(first)s")
        return Proof(False, told % {"first": wrong[0]}, rows, wrong, notes)
    told = _("Restored into a scratch database; all rows are the same.")
    return Proof(True, " ".join([told, *notes]), rows, (), notes)


def _too_many(plan: Plan) -> list[str]:
    """Name tables that hold rows after the restore which the backup does not have."""
    return [f"{part.table}: +{part.removed}" for part in plan.parts if part.removed]
