"""`manage.py up`: everything the service needs, as one process to start and stop."""

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from channels_app.selectors.sealed import sealed_secrets
from notifications_site.ports import why_not_free
from notifications_site.processes import Plan, become

CANNOT_RUN = 2


class Command(BaseCommand):
    """Check what must be right, then run all processes until told to stop."""

    help = (
        "Run the web server, the task cluster and, with --sandbox, the practice "
        "provider. Ctrl-C or SIGTERM stops all of them. "
        "Example: manage.py up --port 8000 --sandbox"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--port", type=int, default=8000, help="port of the web server")
        add("--bind", default="127.0.0.1", help="address of the web server")
        add("--web", type=int, help="web processes (SQLite: 1, PostgreSQL: 2)")
        add("--workers", type=int, default=settings.WORKERS, help="task processes")
        add("--sandbox", action="store_true", help="run the practice provider too")
        add("--sandbox-port", type=int, default=8010, help="port of the sandbox")
        add("--demo", action="store_true", help="send the demo once all is ready")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = _plan(options)
        _require_migrated_database()
        _require_known_key()
        _require_free_port(plan.bind, plan.port, "--port")
        if plan.sandbox_port is not None:
            _require_free_port("127.0.0.1", plan.sandbox_port, "--sandbox-port")
        become(plan)


def _plan(options: dict[str, Any]) -> Plan:
    for name in ("web", "workers", "port", "sandbox_port"):
        if options[name] is not None and options[name] < 1:
            _refuse(f"--{name.replace('_', '-')} must be at least 1.")
    return Plan(
        bind=options["bind"],
        port=options["port"],
        web_processes=options["web"] or (1 if connection.vendor == "sqlite" else 2),
        workers=options["workers"],
        sandbox_port=options["sandbox_port"] if options["sandbox"] else None,
        with_demo=options["demo"],
        telegram_api_base=settings.TELEGRAM_API_BASE,
        host=_known_host(),
    )


def _known_host() -> str:
    """Return a host name that Django answers to."""
    named = (host for host in settings.ALLOWED_HOSTS if host != "*")
    return next(named, "localhost").lstrip(".")


def _require_migrated_database() -> None:
    try:
        executor = MigrationExecutor(connection)
        planned = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        _refuse(f"The database cannot be used: {error}\nCorrect DATABASE_URL.")
    finally:
        connection.close()
    if planned:
        _refuse(
            f"{len(planned)} migrations are not applied to the database yet.\n"
            "Run: python manage.py migrate"
        )


def _require_known_key() -> None:
    problem = sealed_secrets().problem
    connection.close()
    if problem:
        _refuse(problem)


def _require_free_port(address: str, port: int, option: str) -> None:
    if reason := why_not_free(address, port):
        _refuse(f"{reason}\nEnd that program, or choose another with {option}.")


def _refuse(text: str) -> NoReturn:
    raise CommandError(text, returncode=CANNOT_RUN)
