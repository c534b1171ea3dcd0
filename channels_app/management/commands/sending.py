"""`manage.py sending`: what waits by order, and letting it wait or go on."""

import getpass
import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from channels_app.selectors.switches import KIND_SWITCHES
from channels_app.services import pausing

FOUND_SOMETHING = 1
CANNOT_RUN = 2


class Command(BaseCommand):
    """Say, pause or resume."""

    help = (
        "Say what is paused, or let deliveries wait or go on. Accepted messages wait; "
        "nothing is lost. Example: manage.py sending pause --channel lark"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("action", choices=["status", "pause", "resume"])
        add("--channel", choices=KIND_SWITCHES, help="one kind of channel")
        add("--config", type=int, help="the id of one channel config")
        add("--note", default="", help="why, for those who come after you")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["channel"] and options["config"]:
            _refuse("Name either --channel or --config.")
        if options["action"] != "status":
            _change(options)
        state = pausing.sending_state()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(state)))
        else:
            self.stdout.write(_sentence(state))
        if options["action"] == "status" and state.is_anything_paused:
            raise SystemExit(FOUND_SOMETHING)


def _change(options: dict[str, Any]) -> None:
    is_pause = options["action"] == "pause"
    if options["config"] is not None:
        change = pausing.pause_config if is_pause else pausing.resume_config
        if not change(config_id=options["config"]):
            _refuse(f"There is no channel config with the id {options['config']}.")
        return
    act = pausing.pause_sending if is_pause else pausing.resume_sending
    act(by=getpass.getuser(), kind=options["channel"], note=options["note"])


def _sentence(state: pausing.SendingState) -> str:
    lines = ["Sending is on." if state.is_sending else "All sending is paused."]
    if state.paused_kinds:
        lines.append(f"Paused channels: {', '.join(state.paused_kinds)}.")
    if state.paused_configs:
        ids = ", ".join(map(str, state.paused_configs))
        lines.append(f"Paused channel configs: {ids}.")
    lines.append(f"{state.waiting} deliveries wait.")
    return "\n".join(lines)


def _refuse(text: str) -> NoReturn:
    raise CommandError(text, returncode=CANNOT_RUN)
