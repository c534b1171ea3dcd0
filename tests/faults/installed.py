"""A whole installation for a fault test: two users, one for each guarantee."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from tests.journeys.conftest import new_database
from tests.journeys.service import Installation

REPEATS, HOLDS = "repeats", "holds"
GUARANTEES = {REPEATS: "at_least_once", HOLDS: "at_most_once"}


def installed(folder: Path, database: str = "", **settings: str) -> Installation:
    """Return a migrated installation that limits nobody, with changed settings.

    It has no practice providers: fault tests bring receivers of their own.
    """
    made = Installation.prepare(folder, database or new_database(folder))
    changed = {"LIMIT_SENDS_PER_MINUTE": "0", **settings}
    environment = {**made.environment, **changed}
    return replace(made, environment=environment, has_sandbox=False)


class Expecting(Protocol):
    """A caller of the API that knows what it must answer."""

    def expect(
        self, status: int, method: str, path: str, json: object = None, /
    ) -> Any: ...


def webhook_user(api: Expecting, user: str, url: str) -> None:
    """Make a user with a webhook, by the name of its guarantee if it is one."""
    form = {"user_id": user, "channel_type": "webhook"}
    form |= {"guarantee": GUARANTEES.get(user, GUARANTEES[REPEATS])}
    hook = {"config_data": {"webhook_url": url}}
    api.expect(201, "POST", "/api/user-configs", form | hook)


def both_users(api: Expecting, url: str) -> None:
    """Make the user whose sends are repeated and the one whose sends are held."""
    for user in GUARANTEES:
        webhook_user(api, user, url)
