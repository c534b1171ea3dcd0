"""`manage.py sandbox`: the practice provider, as a process of its own."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from diagnostics.sandbox.server import RunningSandbox, start_in_thread
from diagnostics.sandbox.switchboard import is_loopback

DEFAULT_PORT = 8010


class Command(BaseCommand):
    """Listen until told to stop."""

    help = (
        "Run a practice provider that answers as Lark, Telegram, Slack and a webhook "
        "would, and shows what arrived on its page."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=DEFAULT_PORT)
        parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
        parser.add_argument(
            "--no-limits",
            action="store_true",
            help="Do not apply the providers' rate limits.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bind: str = options["bind"]
        running = _start(options["port"], bind, limits=not options["no_limits"])
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if not is_loopback(bind):
            warning = _(
                "Warning: others can reach the sandbox at %(address)s. It has no "
                "password and shows every message it gets."
            ) % {"address": bind}
            self.stderr.write(self.style.WARNING(warning))
        self.stdout.write(f"sandbox listening on {running.url}/")
        self.stdout.flush()
        stop.wait()
        running.stop()


def _start(port: int, host: str, *, limits: bool) -> RunningSandbox:
    try:
        return start_in_thread(port, limits=limits, host=host)
    except (OSError, OverflowError) as error:
        raise CommandError(
            _("Cannot listen on %(host)s:%(port)s: %(error)s. Choose another --port.")
            % {"host": host, "port": port, "error": error}
        ) from error
