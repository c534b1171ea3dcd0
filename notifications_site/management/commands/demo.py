"""`manage.py demo`: loads the demo's user and template, and sends to all its channels."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications_site import demo
from notifications_site.signed_calls import CallFailedError, SignedCalls

UNSETTLED = {"pending", "sending", "retrying"}
LOOK_EVERY_SECONDS = 0.1
CANNOT_RUN = 2


class Command(BaseCommand):
    """Load or send the demo."""

    help = (
        "Load the demo (a user “demo” whose channels end in the sandbox), or send one "
        "notification to all its channels over the signed API. "
        "Examples: manage.py demo load; manage.py demo send --url http://127.0.0.1:8000"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        load = actions.add_parser("load", help="make the user and the template")
        load.add_argument("--sandbox-url", default="http://127.0.0.1:8010")
        send = actions.add_parser("send", help="send to each channel and wait")
        send.add_argument("--url", default="http://127.0.0.1:8000")
        send.add_argument("--wait", type=float, default=30.0, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "load":
            self._load(options["sandbox_url"].rstrip("/"))
        else:
            self._send(options["url"].rstrip("/"), options["wait"])

    def _load(self, sandbox_url: str) -> None:
        saved = demo.load_configs(sandbox_url)
        if demo.load_template():
            saved.append(f"template {demo.TEMPLATE_KEY}")
        self.stdout.write(f"Demo: {', '.join(saved)} saved" if saved else "Demo: there")

    def _send(self, url: str, seconds: float) -> None:
        calls = SignedCalls(url, settings.API_SECRET_KEY)
        try:
            results = calls.post("/api/notifications/send", _notification())["results"]
            settled = [
                self._report(result, calls, time.monotonic() + seconds)
                for result in results
            ]
        except CallFailedError as error:
            raise CommandError(str(error), returncode=CANNOT_RUN) from error
        if set(settled) != {"sent"}:
            raise CommandError("Not every channel got the demo's message.")

    def _report(
        self, result: dict[str, Any], calls: SignedCalls, deadline: float
    ) -> str:
        status, error = str(result["status"]), result.get("error")
        path = f"/api/notifications/{result['message_id']}"
        while status in UNSETTLED and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_SECONDS)
            log = calls.get(path)["data"]["log"]
            status, error = str(log["status"]), log["error"]
        why = f": {error}" if error else ""
        self.stdout.write(f"{result['channelType']:<9} {status}{why}")
        return status


def _notification() -> dict[str, object]:
    return {
        "user_id": demo.USER_ID,
        "template_key": demo.TEMPLATE_KEY,
        "variables": dict(demo.VARIABLES),
    }
