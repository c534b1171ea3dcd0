"""`manage.py worker`: the task cluster with its ticker, what a second machine runs."""

from typing import Any

from django.core.management.base import BaseCommand

from channels_app.tasks.supervisor import run_worker


class Command(BaseCommand):
    """Run until told to stop."""

    help = (
        "Run the task cluster with its ticker. SIGTERM or Ctrl-C drains it: nothing "
        "new is taken, sends in flight are finished. Example: manage.py worker"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        run_worker()
