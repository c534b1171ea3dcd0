"""Making backups, thinning them out, proving and listing them."""

from __future__ import annotations

import logging
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from channels_app.secret_settings import without_settings_secrets
from channels_app.selectors.schedules import ScheduledTask
from diagnostics.backup.progress import OnProgress, in_silence
from diagnostics.backup.proving import Proof, prove
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.retention import to_keep
from diagnostics.backup.turns import only_one
from diagnostics.backup.writing import PARTIAL, write_backup
from diagnostics.models import Backup
from diagnostics.models.backups import BackupState

logger = logging.getLogger(__name__)

LOGS_DAYS = 7
SUFFIX = ".backup"
# Other refusals speak of the keys, the passphrase or the room that there is here.
FAULTS_OF_THE_FILE = frozenset(
    {
        "damaged",
        "line_too_long",
        "not_a_backup",
        "not_a_row",
        "too_large",
        "wrong_manifest",
        "wrong_part",
        "wrong_parts",
        "wrong_row",
    }
)
ENDED_IN_ITS_MIDST = _("It was ended in its midst.")
# One that gave no sign for so long is not made any more.
SILENT = timedelta(minutes=2)
_SIGN_EVERY = 2.0
_DAY = timedelta(days=1)
_MINUTE = 60
_HOUR = 60 * _MINUTE


def backup_folder() -> Path:
    """Return where backups go unless another place is named."""
    return Path(settings.DATA_DIR) / "backups"


def make_backup(
    *,
    by: str,
    folder: Path | None = None,
    logs_days: int = LOGS_DAYS,
    passphrase: str = "",
    is_scheduled: bool = False,
    on_progress: OnProgress = in_silence,
) -> Backup:
    """Write a backup of this moment and record it; sends go on meanwhile.

    Raises BackupRefusedError: under_way, not_writable, passphrase_short.
    """
    with only_one(backup_folder()):
        place = (folder or backup_folder()).resolve()
        backup = _begin(by, place, logs_days, is_scheduled)
        _write(backup, passphrase, on_progress)
    return backup


def _write(backup: Backup, passphrase: str, on_progress: OnProgress) -> None:
    path = path_of(backup)
    try:
        manifest = write_backup(
            path,
            logs_days=backup.logs_days,
            passphrase=passphrase,
            on_progress=_with_signs(backup, on_progress),
        )
    except BaseException as error:
        _end(backup, BackupState.FAILED, error=without_settings_secrets(str(error)))
        raise
    backup.counts = {name: part.rows for name, part in manifest.parts.items()}
    backup.size = path.stat().st_size
    backup.is_encrypted = bool(passphrase)
    _end(backup, BackupState.READY)
    logger.info("Backup %s is ready: %d rows.", backup.name, manifest.rows)


def path_of(backup: Backup) -> Path:
    """Return where a backup lies."""
    return Path(backup.folder) / backup.name


def _begin(by: str, folder: Path, logs_days: int, is_scheduled: bool) -> Backup:
    making = Backup.objects.filter(state=BackupState.MAKING)
    making.filter(seen_at__lt=Now() - SILENT).update(
        state=BackupState.FAILED, error=str(ENDED_IN_ITS_MIDST)
    )
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Backup.objects.create(
        name=f"notifications-{stamp}-{secrets.token_hex(2)}{SUFFIX}",
        folder=str(folder),
        is_scheduled=is_scheduled,
        made_by=by[:150],
        version=settings.VERSION,
        logs_days=logs_days,
        started_at=Now(),
        seen_at=Now(),
    )


def _with_signs(backup: Backup, tell: OnProgress) -> OnProgress:
    """Return what tells of progress and shows now and then that the maker lives."""
    last = time.monotonic()

    def told(what: str, done: int, total: int) -> None:
        nonlocal last
        tell(what, done, total)
        if time.monotonic() - last > _SIGN_EVERY:
            last = time.monotonic()
            Backup.objects.filter(pk=backup.pk).update(seen_at=Now())

    return told


def _end(backup: Backup, state: BackupState, *, error: str = "") -> None:
    Backup.objects.filter(pk=backup.pk).update(
        state=state,
        error=error[:500],
        size=backup.size,
        counts=backup.counts,
        is_encrypted=backup.is_encrypted,
        seen_at=Now(),
        finished_at=Now(),
    )
    backup.refresh_from_db()


def verify_backup(
    path: Path, *, passphrase: str = "", on_progress: OnProgress = in_silence
) -> Proof:
    """Restore a backup into a scratch database, compare, and record what came of it.

    Raises BackupRefusedError, which is recorded as well when the file is at fault.
    """
    try:
        proof = prove(path, passphrase, on_progress)
    except BackupRefusedError as error:
        if error.code in FAULTS_OF_THE_FILE:
            _record(path, is_good=False, found=error.sentence)
        raise
    _record(path, is_good=proof.is_good, found=proof.summary)
    return proof


def _record(path: Path, *, is_good: bool, found: str) -> None:
    here = path.resolve()
    Backup.objects.filter(name=here.name, folder=str(here.parent)).update(
        verified_at=Now(), is_good=is_good, verification=found[:1000]
    )


def prune_backups() -> list[str]:
    """Thin out the scheduled backups: 7 daily, 4 weekly, 12 monthly; return names.

    The newest one that was proved good stays in any case, and so does each that a
    person made.
    """
    _forget_partial_files()
    _forget_failures()
    ready = Backup.objects.filter(is_scheduled=True, state=BackupState.READY)
    made = {backup.pk: backup.started_at for backup in ready}
    kept = to_keep(made)
    proved = ready.filter(is_good=True).order_by("-started_at").first()
    if proved is not None:
        kept.add(proved.pk)
    gone = []
    for backup in ready.exclude(pk__in=kept).order_by("pk"):
        path_of(backup).unlink(missing_ok=True)
        backup.delete()
        gone.append(backup.name)
    return gone


def _forget_failures() -> None:
    old = Backup.objects.filter(state=BackupState.FAILED)
    old.filter(started_at__lt=Now() - 30 * _DAY).delete()


def _forget_partial_files() -> None:
    """Remove what is left of backups whose maker was killed."""
    oldest = time.time() - _DAY.total_seconds()
    for path in backup_folder().glob(f"*{PARTIAL}"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def back_up_by_schedule() -> str:
    """Make the daily backup and thin out the older ones; return what was done."""
    backup = make_backup(
        by="schedule", passphrase=settings.BACKUP_PASSPHRASE, is_scheduled=True
    )
    gone = prune_backups()
    return f"{backup.name}: {sum(backup.counts.values())} rows; {len(gone)} removed."


def verify_by_schedule() -> str:
    """Prove the newest backup; raises BackupRefusedError, or RuntimeError if it is bad."""
    ready = Backup.objects.filter(state=BackupState.READY)
    # What a person encrypted, only that person can open.
    ours = ready.filter(Q(is_scheduled=True) | Q(is_encrypted=False))
    newest = ours.order_by("-id").first()
    if newest is None:
        return "There is no backup yet."
    passphrase = settings.BACKUP_PASSPHRASE if newest.is_encrypted else ""
    proof = verify_backup(path_of(newest), passphrase=passphrase)
    if not proof.is_good:
        raise RuntimeError(f"{newest.name}: {proof.summary}")
    return f"{newest.name}: {proof.summary}"


SCHEDULED_TASKS = (
    ScheduledTask(
        name="backup",
        title=_("Backup"),
        meaning=_(
            "Backs up configs, templates and the last days of the log, and keeps 7 "
            "daily, 4 weekly and 12 monthly backups."
        ),
        every=24 * _HOUR,
        offset=2 * _HOUR + 15 * _MINUTE,
        time_limit=2 * _HOUR,
        run=back_up_by_schedule,
    ),
    ScheduledTask(
        name="backup_verification",
        title=_("Proof of the newest backup"),
        meaning=_("Restores the newest backup into a scratch database and compares."),
        every=7 * 24 * _HOUR,
        offset=4 * _HOUR + 15 * _MINUTE,
        time_limit=4 * _HOUR,
        run=verify_by_schedule,
    ),
)
