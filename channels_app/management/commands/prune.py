"""`manage.py prune`: retention by hand."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_app.delivery.retention import Pruned, prune, what_would_go

CANNOT_RUN = 2


class Command(BaseCommand):
    """Delete what is past its retention, in batches; may be stopped and run again."""

    help = (
        "Delete settled deliveries older than LOG_RETENTION_DAYS and spent keys. "
        "Example: manage.py prune --days 30 --dry-run"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--days", type=int, default=settings.LOG_RETENTION_DAYS)
        add("--yes", action="store_true", help="do not ask")
        add("--dry-run", action="store_true", help="only count")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days must be at least 1.", returncode=CANNOT_RUN)
        planned = what_would_go(days=options["days"])
        if options["dry_run"]:
            self._report(planned, "would be deleted", as_json=options["json"])
            return
        if not options["yes"] and not self._is_confirmed(planned):
            raise CommandError("Nothing was deleted.", returncode=CANNOT_RUN)
        done = prune(days=options["days"], on_batch=self._progress(planned.total))
        self._report(done, "deleted", as_json=options["json"])

    def _is_confirmed(self, planned: Pruned) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Say --yes to delete.", returncode=CANNOT_RUN)
        return input(f"Delete {_words(planned)}? [y/N] ").lower() in {"y", "yes"}

    def _progress(self, total: int) -> Any:
        done = 0

        def on_batch(count: int) -> None:
            nonlocal done
            done += count
            if self.stderr.isatty():
                self.stderr.write(f"\r{done} of {total}", ending="")

        return on_batch

    def _report(self, pruned: Pruned, verb: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(pruned)))
        else:
            self.stdout.write(f"{_words(pruned)} {verb}.")


def _words(pruned: Pruned) -> str:
    return (
        f"{pruned.logs} deliveries, {pruned.idempotency_keys} idempotency keys, "
        f"{pruned.signatures} used signatures, {pruned.dedupe_windows} dedupe windows "
        f"and {pruned.runs} records of scheduled runs"
    )
