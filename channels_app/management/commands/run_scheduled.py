"""`manage.py run_scheduled`: one run of a scheduled task, as a worker starts it."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_app.models.schedules import TaskExecutionRecord
from channels_app.services.scheduled_work import run_now

FOUND_SOMETHING = 1
CANNOT_RUN = 2


class StoppedError(Exception):
    """The worker stops, and its scheduled work with it."""


class Command(BaseCommand):
    """Do the work of one record and write down how it went."""

    requires_system_checks = ()
    help = (
        "Do one run of a scheduled task that a worker has taken. Workers call this; to "
        "run a task now, ask for it in the admin or by the API. "
        "Example: manage.py run_scheduled 4711"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("record", type=int, help="id in task_execution_records")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        try:
            is_good = run_now(options["record"])
        except TaskExecutionRecord.DoesNotExist as error:
            what = f"No worker has taken a run {options['record']}."
            raise CommandError(what, returncode=CANNOT_RUN) from error
        if not is_good:
            raise SystemExit(FOUND_SOMETHING)


def _stop(number: int, frame: FrameType | None) -> None:
    raise StoppedError("The worker was stopped while the task ran.")
