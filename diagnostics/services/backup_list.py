"""The backups there are: those recorded here, and files that the database lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.models import Backup
from diagnostics.models.backups import BackupState
from diagnostics.services.backups import (
    ENDED_IN_ITS_MIDST,
    SILENT,
    SUFFIX,
    backup_folder,
    path_of,
)


@dataclass(frozen=True)
class ListedBackup:
    """One backup; `verdict` says in words how it stands, `is_wrong` whether badly."""

    name: str
    path: str
    made_at: datetime
    size: int
    counts: Mapping[str, int]
    state: str
    is_encrypted: bool | None
    verified_at: datetime | None
    is_good: bool | None
    verdict: str
    is_wrong: bool


def listed_backups() -> list[ListedBackup]:
    """Return all of them, newest first.

    After a disaster the files are there before the database knows of them again.
    """
    rows = list(Backup.objects.all())
    known = {path_of(row) for row in rows}
    found = [*map(_recorded, rows), *_others(known)]
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def _recorded(row: Backup) -> ListedBackup:
    verdict, is_wrong = _verdict(row)
    return ListedBackup(
        name=row.name,
        path=str(path_of(row)),
        made_at=row.started_at,
        size=row.size,
        counts=row.counts,
        state=row.state,
        is_encrypted=row.is_encrypted,
        verified_at=row.verified_at,
        is_good=row.is_good,
        verdict=verdict,
        is_wrong=is_wrong,
    )


def _verdict(row: Backup) -> tuple[str, bool]:
    if row.state == BackupState.FAILED:
        return _("failed: %(error)s") % {"error": row.error}, True
    if row.state == BackupState.MAKING:
        is_silent = timezone.now() - row.seen_at > SILENT
        return (
            (str(ENDED_IN_ITS_MIDST), True) if is_silent else (_("being made"), False)
        )
    if not path_of(row).is_file():
        return _("the file is gone"), True
    if row.is_good is None:
        return _("never verified"), False
    if row.is_good:
        return _("verified %(moment)s") % {
            "moment": f"{row.verified_at:%Y-%m-%d}"
        }, False
    return _("bad: %(found)s") % {"found": row.verification}, True


def _others(known: set[Path]) -> Iterator[ListedBackup]:
    for path in backup_folder().glob(f"*{SUFFIX}"):
        if path.resolve() in known:
            continue
        about = path.stat()
        yield ListedBackup(
            name=path.name,
            path=str(path),
            made_at=datetime.fromtimestamp(about.st_mtime, UTC),
            size=about.st_size,
            counts={},
            state=BackupState.READY,
            is_encrypted=None,
            verified_at=None,
            is_good=None,
            verdict=_("not recorded here"),
            is_wrong=False,
        )
