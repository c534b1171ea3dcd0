"""What commands on backups ask a person for, and how they refuse."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import NoReturn, TextIO

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.services.backups import backup_folder

FOUND_SOMETHING = 1
CANNOT_RUN = 2


def who_runs() -> str:
    """Return the name of the user of this machine who runs the command."""
    return getpass.getuser()


def passphrase(*, is_new: bool) -> str:
    """Return BACKUP_PASSPHRASE, or what a person types; a new one is typed twice.

    Raises BackupRefusedError with passphrase_needed where nobody can be asked.
    """
    if settings.BACKUP_PASSPHRASE:
        return settings.BACKUP_PASSPHRASE
    if not sys.stdin.isatty():
        raise BackupRefusedError("passphrase_needed")
    typed = getpass.getpass(_("Passphrase: "))
    if is_new and getpass.getpass(_("Once more: ")) != typed:
        raise CommandError(_("They differ."), returncode=CANNOT_RUN)
    return typed


def is_confirmed(question: str) -> bool:
    """Ask a person; where there is none, --yes is needed."""
    if not sys.stdin.isatty():
        raise CommandError(_("Say --yes to go on."), returncode=CANNOT_RUN)
    return input(f"{question} [y/N] ").lower() in {"y", "yes"}


def backup_path(given: str) -> Path:
    """Return the path of a file, or of a backup by its name alone."""
    path = Path(given)
    in_folder = backup_folder() / path.name
    is_name = path.name == given and not path.exists() and in_folder.exists()
    return in_folder if is_name else path


def refuse(error: BackupRefusedError, out: TextIO, *, as_json: bool) -> NoReturn:
    """End the command with the reason and the remedy; status 2."""
    if as_json:
        out.write(json.dumps({"error": error.as_dict()}, ensure_ascii=False) + "\n")
        raise SystemExit(CANNOT_RUN)
    text = f"{error.sentence}\n{error.remedy} ({error.code})"
    raise CommandError(text, returncode=CANNOT_RUN) from error
