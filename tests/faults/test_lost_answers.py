"""The web server dies between the commit and the 202: the same key finds the same rows."""

from pathlib import Path

import pytest

from channels_app.delivery.crash_points import VARIABLE
from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers
from tests.faults.hits import hits_of
from tests.faults.installed import HOLDS, REPEATS, both_users, installed
from tests.faults.queries import query
from tests.journeys.calls import Answer, Api
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

KEYS = "SELECT key FROM idempotency_keys ORDER BY key"
IDS = "SELECT message_id FROM notification_logs"
ENDED = "after_accept_commit"


def test_a_web_process_that_dies_after_the_commit_answers_the_same_on_a_second_try(
    tmp_path: Path,
) -> None:
    installation = installed(tmp_path, **{VARIABLE: ENDED})
    environment = installation.environment
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        first = _lost(service.api, "first", REPEATS)
        stored = {row[0] for row in query(environment, IDS)}
        assert len(stored) == 1
        assert _again(service.api, "first", REPEATS) == stored
        second = _lost(service.api, "second", HOLDS)
        both = {row[0] for row in query(environment, IDS)}
        assert stored | _again(service.api, "second", HOLDS) == both
        assert (first, second) == (None, None)
        account = wait_until_settled(environment)
    account.must_balance(both, hits_of(there))
    assert account.having("sent") == both
    assert account.marked() == set()
    assert [row[0] for row in query(environment, KEYS)] == ["first", "second"]


def _lost(api: Api, key: str, user: str) -> Answer | None:
    return Callers(api, [user]).ask(key, user)


def _again(api: Api, key: str, user: str) -> set[str]:
    """Ask until there is an answer, which must be the repeated first one."""
    answer = wait_until(lambda: Callers(api, [user]).ask(key, user), "it answers")
    assert answer is not None
    assert answer.status == 202, answer.body.decode()
    assert answer.headers["Idempotent-Replayed"] == "true"
    return {result["message_id"] for result in answer.json()["results"]}
