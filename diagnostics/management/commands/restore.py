"""`manage.py restore`: a backup comes back, by a plan that is shown first."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from diagnostics.backup.archive import Archive, needs_passphrase
from diagnostics.backup.joining import Mode
from diagnostics.backup.parts import KINDS
from diagnostics.backup.planning import Plan, Wanted
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.management.asking import (
    CANNOT_RUN,
    FOUND_SOMETHING,
    backup_path,
    is_confirmed,
    passphrase,
    refuse,
    who_runs,
)
from diagnostics.management.progress_bar import ProgressBar
from diagnostics.services.restores import (
    RestoreReport,
    opened_backup,
    planned_restore,
    run_restore,
)


class Command(BaseCommand):
    """Show what would change; do it when told to. May be killed and run again."""

    help = (
        "Restore a backup: shows what would be added, changed, left and removed, then "
        "does it with sending off; what had not gone out is held. It may be killed and "
        "run again. Example: manage.py restore FILE --dry-run --only configs,templates"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", help="a path, or the name of a backup in DATA_DIR/backups")
        add("--dry-run", action="store_true", help="only show the plan")
        add("--only", type=_kinds, default=KINDS, help="configs,templates,logs")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--merge",
            action="store_const",
            dest="mode",
            const=Mode.MERGE,
            default=Mode.MERGE,
            help="keep what the backup does not hold (the default)",
        )
        how.add_argument(
            "--replace",
            action="store_const",
            dest="mode",
            const=Mode.REPLACE,
            help="remove what the backup does not hold",
        )
        add("--yes", action="store_true", help="do not ask")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path = backup_path(options["file"])
        try:
            with _opened(path) as archive:
                self._restore(archive, options)
        except BackupRefusedError as error:
            refuse(error, sys.stdout, as_json=options["json"])

    def _restore(self, archive: Archive, options: dict[str, Any]) -> None:
        wanted = Wanted(options["only"], options["mode"])
        bar = ProgressBar(sys.stderr)
        plan = planned_restore(archive, wanted, bar)
        bar.end()
        if not options["json"]:
            self.stdout.write(_plan_words(archive, plan))
        if options["dry_run"]:
            self._tell_json(options, plan.as_dict())
            return
        if not options["yes"] and not is_confirmed(_("Restore this?")):
            raise CommandError(_("Nothing was restored."), returncode=CANNOT_RUN)
        report = run_restore(archive, wanted, by=who_runs(), on_progress=bar)
        bar.end()
        if not options["json"]:
            self.stdout.write(_report_words(report, plan))
        looks = [look.as_dict() for look in report.looks]
        self._tell_json(options, {**plan.as_dict(), "validation": looks})
        if not report.is_good:
            raise SystemExit(FOUND_SOMETHING)

    def _tell_json(self, options: dict[str, Any], told: dict[str, object]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))


def _opened(path: Path) -> AbstractContextManager[Archive]:
    """Open the backup; ask for the passphrase only if it needs one."""
    needs = needs_passphrase(path)
    return opened_backup(path, passphrase(is_new=False) if needs else "")


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(word.strip() for word in text.split(","))
    if not set(kinds) <= set(KINDS):
        raise ArgumentTypeError(f"choose among {', '.join(KINDS)}")
    return kinds


def _plan_words(archive: Archive, plan: Plan) -> str:
    manifest = archive.manifest
    about = _("Backup of %(moment)s UTC, version %(version)s, %(days)d days of the log")
    told = {
        "moment": f"{manifest.made_at:%Y-%m-%d %H:%M:%S}",
        "version": manifest.version,
        "days": manifest.logs_days,
    }
    names = ("added", "changed", "same", "left", "removed")
    titles = (_("added"), _("changed"), _("same"), _("left"), _("removed"))
    lines = [about % told, f"{'':<24}" + "".join(f"{title:>10}" for title in titles)]
    for part in plan.parts:
        numbers = "".join(f"{getattr(part, name):>10}" for name in names)
        lines.append(f"{part.title:<24}{numbers}")
    if plan.held:
        held = _("%(count)d deliveries had not gone out; they are held, not sent.")
        lines.append(held % {"count": plan.held})
    return "\n".join(lines)


def _report_words(report: RestoreReport, plan: Plan) -> str:
    done = report.restored
    told = _("Restored: %(added)d added, %(changed)d changed, %(removed)d removed.")
    lines = [told % vars(done)]
    if done.switched_off:
        off = _("%(count)d API clients that deliveries name are switched off instead.")
        lines.append(off % {"count": done.switched_off})
    marks = {True: "✓", False: "✗"}
    lines += [f"{marks[look.is_good]} {look.evidence}" for look in report.looks]
    if report.is_sending_off:
        lines.append(_("Sending is off. Restart the service, then:"))
        lines += ["  manage.py replay --held"] if plan.held else []
        lines.append("  manage.py sending resume")
    return "\n".join(lines)
