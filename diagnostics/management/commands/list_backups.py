"""`manage.py list_backups`: which backups there are, and whether they were proved."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from diagnostics.management.asking import FOUND_SOMETHING
from diagnostics.services.backup_list import ListedBackup, listed_backups


class Command(BaseCommand):
    """List them; status 1 if one is missing, failed or was found bad."""

    help = (
        "List the backups that were made here and those that lie in DATA_DIR/backups, "
        "newest first. Status 1 if one is missing, failed or was found bad. "
        "Example: manage.py list_backups --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        backups = listed_backups()
        if options["json"]:
            told = [asdict(backup) for backup in backups]
            self.stdout.write(json.dumps(told, default=str, ensure_ascii=False))
        else:
            lines = [_line(backup) for backup in backups]
            self.stdout.write("\n".join(lines) or _("There is no backup yet."))
        if any(backup.is_wrong for backup in backups):
            raise SystemExit(FOUND_SOMETHING)


def _line(backup: ListedBackup) -> str:
    made = f"{backup.made_at:%Y-%m-%d %H:%M}"
    size = f"{backup.size / 1e6:.1f} MB"
    rows = sum(backup.counts.values())
    return f"{made}  {size:>10}  {rows:>9}  {backup.name}  {backup.verdict}"
