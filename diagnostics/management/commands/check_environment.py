"""`manage.py check_environment`: is everything here that the product needs?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from diagnostics.checks.registry import ENVIRONMENT_CHECKS
from diagnostics.management.drawing import Drawing
from diagnostics.services.diagnosis import diagnosis_of
from diagnostics.services.examination import examine

FOUND_SOMETHING = 1


class Command(BaseCommand):
    """The checks of settings, packages, folder, database, cache, disk and clock."""

    requires_system_checks = ()
    help = (
        "Check the environment: settings, packages, DATA_DIR, database, migrations, "
        "cache, disk, clock. Status 1 if anything has to be done. "
        "Example: manage.py check_environment --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        drawing = Drawing(self.stdout, self.style, is_quiet=options["json"])
        seen = examine(ENVIRONMENT_CHECKS, drawing.progress).seen
        diagnosis = diagnosis_of(seen)
        if options["json"]:
            self.stdout.write(json.dumps(diagnosis.as_dict(), ensure_ascii=False))
        else:
            drawing.draw_checks(seen, diagnosis)
        if diagnosis.is_anything_to_do:
            raise SystemExit(FOUND_SOMETHING)
