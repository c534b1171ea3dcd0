"""`manage.py worker`: the task cluster with its ticker, what a second machine runs."""

import logging
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from channels_app.selectors.sealed import sealed_secrets
from channels_app.tasks.supervisor import run_worker

logger = logging.getLogger(__name__)

CANNOT_RUN = 2


class Command(BaseCommand):
    """Run until told to stop."""

    # The other checks load every page, which a worker never shows.
    requires_system_checks = ("settings", Tags.models)
    help = (
        "Run the task cluster with its ticker. SIGTERM or Ctrl-C drains it: nothing "
        "new is taken, sends in flight are finished. Example: manage.py worker"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if problem := _problem_of_key():
            raise CommandError(problem, returncode=CANNOT_RUN)
        run_worker()


def _problem_of_key() -> str:
    """Return what is wrong with the key; a worker waits for a database that is away."""
    try:
        return sealed_secrets().problem
    except DatabaseError as error:
        logger.warning("The stored secrets could not be looked at: %s", error)
        return ""
    finally:
        connection.close()
