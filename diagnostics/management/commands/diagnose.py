"""`manage.py diagnose`: the quick diagnosis, in six steps."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.management.drawing import Drawing
from diagnostics.services.diagnosis import Diagnosis, diagnosis_of
from diagnostics.services.examination import examine
from diagnostics.services.outside import CannotAskError, diagnosis_from_outside

FOUND_SOMETHING = 1
CANNOT_RUN = 2


class Command(BaseCommand):
    """Look at everything, say what is wrong, why, and what mends it."""

    # A wrong setting is one of the findings.
    requires_system_checks = ()
    help = (
        "Diagnose this installation in six steps; then every finding with its cause, "
        "its remedy and the command that mends it. Status 1 if anything has to be "
        "done. Examples: manage.py diagnose · manage.py diagnose --json · "
        "manage.py diagnose --url https://notify.example.com"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--url", help="diagnose that installation over HTTP, from here")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        drawing = Drawing(self.stdout, self.style, is_quiet=options["json"])
        diagnosis = self._diagnosis(options["url"], drawing)
        if options["json"]:
            self.stdout.write(json.dumps(diagnosis.as_dict(), ensure_ascii=False))
        else:
            drawing.draw(diagnosis)
        if diagnosis.is_anything_to_do:
            raise SystemExit(FOUND_SOMETHING)

    def _diagnosis(self, url: str | None, drawing: Drawing) -> Diagnosis:
        if not url:
            return diagnosis_of(examine(on_seen=drawing.progress).seen)
        try:
            return diagnosis_from_outside(url)
        except CannotAskError as error:
            raise CommandError(str(error), returncode=CANNOT_RUN) from error
