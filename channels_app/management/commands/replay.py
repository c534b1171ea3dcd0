"""`manage.py replay`: what failed is sent again, by a plan that is shown first."""

import getpass
import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_app.senders.registry import SENDERS
from channels_app.services.bulk_replay import (
    ReplayFilter,
    ReplayPlan,
    plan_replay,
    replay,
)
from channels_app.services.deliveries import RetryFilter

CANNOT_RUN = 2


class Command(BaseCommand):
    """Show the plan; do it when told to. May be stopped and run again."""

    help = (
        "Send failed deliveries again, in batches, behind what is fresh; without --yes "
        "only say what would be done. Example: manage.py replay --channel lark "
        "--since 2026-01-31T09:30 --yes"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("ids", nargs="*", help="log ids and message ids; none: all that failed")
        add("--since", type=_moment, help="accepted then or later; UTC")
        add("--until", type=_moment, help="accepted then or earlier; UTC")
        add("--channel", choices=sorted(SENDERS), help="one kind of channel")
        add("--error-code", help="what they failed with, such as dns_failed")
        add("--include-old", action="store_true", help="expired and old ones too")
        add("--include-duplicates", action="store_true", help="what was sent since too")
        add("--held", action="store_true", help="what a restore holds, not what failed")
        add("--yes", action="store_true", help="do it")
        add("--json", action="store_true", help="write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = plan_replay(_filter(options))
        report = plan.as_dict()
        if not options["json"]:
            self.stdout.write(_words(plan))
        if options["yes"] or (not options["json"] and _is_confirmed(plan)):
            done = replay(plan, by=getpass.getuser())
            report["queued"] = done.queued
            if not options["json"]:
                self.stdout.write(f"{done.queued} deliveries are queued again.")
        if options["json"]:
            self.stdout.write(json.dumps(report))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _filter(options: dict[str, Any]) -> ReplayFilter:
    ids = [int(key) if key.isdecimal() else key for key in options["ids"]]
    if any(isinstance(key, int) and key >= 2**63 for key in ids):
        raise CommandError("There is no log id like that.", returncode=CANNOT_RUN)
    return ReplayFilter(
        RetryFilter(
            ids=ids or None,
            since=options["since"],
            until=options["until"],
            channel_type=options["channel"],
            error_code=options["error_code"],
        ),
        include_old=options["include_old"],
        include_duplicates=options["include_duplicates"],
        is_of_held=options["held"],
    )


def _is_confirmed(plan: ReplayPlan) -> bool:
    if not plan.ready or not sys.stdin.isatty():
        return False
    return input(f"Queue {plan.ready} deliveries? [y/N] ").lower() in {"y", "yes"}


def _words(plan: ReplayPlan) -> str:
    lines = [
        f"{plan.ready} of {plan.matched} {_kind(plan)} deliveries would be queued.",
        f"  time: about {plan.seconds:.0f} s",
        *(_counts("channel", plan.by_channel)),
        *(_counts("config", plan.by_config)),
        *(_counts("error code", plan.by_error)),
    ]
    left_out = {
        "too old (--include-old)": plan.too_old,
        "sent since (--include-duplicates)": plan.duplicates,
        **plan.cannot_go,
    }
    lines += [f"  left out, {why}: {n}" for why, n in left_out.items() if n]
    return "\n".join(lines)


def _kind(plan: ReplayPlan) -> str:
    return "held" if plan.wanted.is_of_held else "failed"


def _counts(name: str, counts: Any) -> list[str]:
    return [f"  {name} {key or '-'}: {number}" for key, number in counts.items()]
