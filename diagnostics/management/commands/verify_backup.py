"""`manage.py verify_backup`: proves a backup by restoring it, in a scratch database."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from diagnostics.backup.archive import needs_passphrase
from diagnostics.backup.proving import Proof
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.management.asking import (
    FOUND_SOMETHING,
    backup_path,
    passphrase,
    refuse,
)
from diagnostics.management.progress_bar import ProgressBar
from diagnostics.services.backups import verify_backup


class Command(BaseCommand):
    """Restore into a scratch database, compare row by row, record what came of it."""

    help = (
        "Prove a backup: restore it into a scratch database, compare row by row, and "
        "record the result. Nothing in use is touched. "
        "Example: manage.py verify_backup /mnt/backups/notifications-….backup"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", help="a path, or the name of a backup in DATA_DIR/backups")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path = backup_path(options["file"])
        bar = ProgressBar(sys.stderr)
        try:
            needs = needs_passphrase(path)
            key = passphrase(is_new=False) if needs else ""
            proof = verify_backup(path, passphrase=key, on_progress=bar)
        except BackupRefusedError as error:
            refuse(error, sys.stdout, as_json=options["json"])
        finally:
            bar.end()
        as_json = json.dumps(asdict(proof), ensure_ascii=False)
        self.stdout.write(as_json if options["json"] else _words(proof))
        if not proof.is_good:
            raise SystemExit(FOUND_SOMETHING)


def _words(proof: Proof) -> str:
    mark = "✓" if proof.is_good else "✗"
    return "\n".join([f"{mark} {proof.summary}", *proof.differences[1:]])
