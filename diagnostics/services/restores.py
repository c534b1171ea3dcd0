"""Restoring backups: planned first, with sending off, and looked at afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from channels_app.selectors.clients import forget_signers
from channels_app.selectors.switches import MEMORY
from channels_app.services.restored import begin_restore
from diagnostics.backup.archive import Archive, opened
from diagnostics.backup.manifest import require_fitting
from diagnostics.backup.parts import TEMPLATES
from diagnostics.backup.planning import Plan, Wanted, plan_restore
from diagnostics.backup.progress import OnProgress, in_silence
from diagnostics.backup.restoring import Restored, restore
from diagnostics.backup.validating import Looked, validate
from templates_app.selectors import clear_compiled_templates

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RestoreReport:
    """What a restore did, and how what came back was found."""

    restored: Restored
    looks: Sequence[Looked]
    is_sending_off: bool

    @property
    def is_good(self) -> bool:
        return all(look.is_good for look in self.looks)


@contextmanager
def opened_backup(path: Path, passphrase: str = "") -> Iterator[Archive]:
    """Open a backup that is whole, unchanged and fits here.

    Raises BackupRefusedError with the reason; nothing is changed then.
    """
    with opened(path, passphrase) as archive:
        require_fitting(archive.manifest, using="default")
        yield archive


def planned_restore(
    archive: Archive, wanted: Wanted, on_progress: OnProgress = in_silence
) -> Plan:
    """Return what a restore would do; the whole file is read and checked for it.

    Raises BackupRefusedError.
    """
    return plan_restore(archive, wanted, on_progress)


def run_restore(
    archive: Archive,
    wanted: Wanted,
    *,
    by: str,
    on_progress: OnProgress = in_silence,
) -> RestoreReport:
    """Do what the plan said, after sending is switched off; then look at everything.

    May be ended at any time and run again. Templates alone leave sending as it is.
    """
    stops_sending = bool(set(wanted.kinds) - {TEMPLATES})
    if stops_sending:
        begin_restore(by=by, note=_note(archive))
    done = restore(archive, wanted, on_progress)
    clear_compiled_templates()
    forget_signers()
    MEMORY.forget()
    logger.warning("%s restored a backup of %s.", by, archive.manifest.made_at)
    return RestoreReport(done, list(validate(archive, wanted)), stops_sending)


def _note(archive: Archive) -> str:
    note = _(
        "A backup of %(moment)s was restored. Look at what is held, release it with "
        "manage.py replay --held, then resume sending."
    )
    return note % {"moment": f"{archive.manifest.made_at:%Y-%m-%d %H:%M} UTC"}
