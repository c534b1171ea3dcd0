"""`manage.py backup`: configs, templates and the last days of the log in one file."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.management.asking import passphrase, refuse, who_runs
from diagnostics.management.progress_bar import ProgressBar
from diagnostics.models import Backup
from diagnostics.services.backups import LOGS_DAYS, make_backup, path_of


class Command(BaseCommand):
    """Write a backup; sends go on meanwhile."""

    help = (
        "Back up configs, templates with their versions, API clients, flags, schedules "
        "and the log into one sealed file; sends go on meanwhile. "
        "Example: manage.py backup --output /mnt/backups --logs-days 30 --encrypt"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--output", type=Path, help="the folder; by default DATA_DIR/backups")
        add("--logs-days", type=_days, default=LOGS_DAYS, help="days of the log (7)")
        add("--encrypt", action="store_true", help="with a passphrase, as a whole")
        add("--by", default=who_runs(), help="who asked for it, for the record")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = ProgressBar(sys.stderr)
        try:
            backup = make_backup(
                by=options["by"],
                folder=options["output"],
                logs_days=options["logs_days"],
                passphrase=passphrase(is_new=True) if options["encrypt"] else "",
                on_progress=bar,
            )
        except BackupRefusedError as error:
            refuse(error, sys.stdout, as_json=options["json"])
        finally:
            bar.end()
        self.stdout.write(_json(backup) if options["json"] else _words(backup))


def _days(text: str) -> int:
    days = int(text)
    if not 0 <= days <= 36500:
        raise ValueError(text)
    return days


def _json(backup: Backup) -> str:
    told = {
        "path": str(path_of(backup)),
        "size": backup.size,
        "rows": backup.counts,
        "is_encrypted": backup.is_encrypted,
    }
    return json.dumps(told, ensure_ascii=False)


def _words(backup: Backup) -> str:
    rows = ", ".join(f"{name} {count}" for name, count in backup.counts.items())
    lines = [
        str(path_of(backup)),
        _("%(size)d bytes: %(rows)s") % {"size": backup.size, "rows": rows},
        _("Prove it with: manage.py verify_backup %(name)s") % {"name": backup.name},
    ]
    return "\n".join(lines)
