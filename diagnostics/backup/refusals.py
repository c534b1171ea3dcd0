"""Why a backup is not made, read or restored: a code, a sentence, a remedy."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class _Reason:
    sentence: StrOrPromise
    remedy: StrOrPromise


_OTHER_COPY = _("Take another copy of this backup, or an older backup.")
_REPORT = _("Nothing was changed. Take another backup, and report this one.")

_REASONS = {
    "not_readable": _Reason(
        _("The file cannot be read: %(why)s."),
        _("Check the path and its permissions."),
    ),
    "not_writable": _Reason(
        _("The backup cannot be written: %(why)s."),
        _("Name a folder on a disk with room that this user may write to."),
    ),
    "not_a_backup": _Reason(
        _("The file is no backup of this product, or its end is missing."),
        _OTHER_COPY,
    ),
    "damaged": _Reason(
        _("The file was damaged or changed since it was written."), _OTHER_COPY
    ),
    "foreign_key": _Reason(
        _("The backup was made with the key %(key)s, which is not known here."),
        _("Put the ENCRYPT_KEY it was made with into ENCRYPT_KEYS_OLD."),
    ),
    "newer_format": _Reason(
        _("The backup has the format %(format)s; this version reads %(known)d."),
        _("Update the product, then restore."),
    ),
    "newer_product": _Reason(
        _("The backup was made by a newer version: it has the migration %(name)s."),
        _("Update the product to version %(version)s or later, then restore."),
    ),
    "not_migrated": _Reason(
        _("The database lacks the migration %(name)s."),
        _("Run: python manage.py migrate"),
    ),
    "passphrase_needed": _Reason(
        _("The backup is encrypted with a passphrase."),
        _("Set BACKUP_PASSPHRASE, or run the command on a terminal to be asked."),
    ),
    "passphrase_wrong": _Reason(
        _("The passphrase does not open the backup, or the file was damaged."),
        _("Try the passphrase it was made with; else take another copy."),
    ),
    "passphrase_short": _Reason(
        _("The passphrase has fewer than %(least)d characters."),
        _("Take a longer one, and keep it apart from the backups."),
    ),
    "lost_secrets": _Reason(
        _("Secrets in the backup are sealed with the key %(key)s, not known here."),
        _("Put that ENCRYPT_KEY into ENCRYPT_KEYS_OLD."),
    ),
    "wrong_manifest": _Reason(_("The backup's table of contents is wrong."), _REPORT),
    "wrong_parts": _Reason(
        _("The backup holds the part “%(name)s”, which does not belong there."),
        _REPORT,
    ),
    "too_large": _Reason(
        _("The part “%(name)s” unpacks to more than it may."), _REPORT
    ),
    "line_too_long": _Reason(
        _("Row %(line)d of %(name)s is longer than %(most)d bytes."), _REPORT
    ),
    "wrong_row": _Reason(
        _("Row %(line)d of %(name)s is wrong in the column “%(column)s”."), _REPORT
    ),
    "not_a_row": _Reason(_("Row %(line)d of %(name)s is no row."), _REPORT),
    "wrong_part": _Reason(
        _("The part %(name)s does not hold what the table of contents says."), _REPORT
    ),
    "orphans": _Reason(
        _("%(count)d rows of %(name)s name %(what)s that are neither here nor chosen."),
        _("Restore those too: leave --only out, or name configs as well."),
    ),
    "cannot_hold": _Reason(
        _("Row %(line)d of %(name)s holds a character that PostgreSQL cannot store."),
        _("Restore into SQLite, mend the row there, and make a new backup."),
    ),
    "under_way": _Reason(
        _("Another backup is being made since %(since)s."),
        _("Wait for it to end: manage.py list_backups"),
    ),
    "scratch_failed": _Reason(
        _("No scratch database could be set up: %(why)s."),
        _("Free some disk space, or let the database user create databases."),
    ),
}


class BackupRefusedError(Exception):
    """Something of a backup cannot or must not be done; says why and what to do."""

    def __init__(self, code: str, **values: object) -> None:
        reason = _REASONS[code]
        self.code = code
        self.sentence = str(reason.sentence) % values
        self.remedy = str(reason.remedy) % values
        super().__init__(f"{self.sentence} {self.remedy} ({code})")

    def as_dict(self) -> dict[str, str]:
        """Give the shape of a command's JSON."""
        return {"code": self.code, "message": self.sentence, "remedy": self.remedy}


CODES = frozenset(_REASONS)
