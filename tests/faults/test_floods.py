"""More is asked than there is room for: the caller is told, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers, calling
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.journeys.calls import SEND, Answer, Api
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

DEPTH = 50
MANY = 200


def test_a_flood_is_refused_at_the_limit_and_accepted_again_below_it(
    tmp_path: Path,
) -> None:
    installation = installed(tmp_path, QUEUE_MAX_DEPTH=str(DEPTH))
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        installation.manage("sending", "pause")
        answers = _flooded(service.api)
        accepted = {one for answer in answers for one in _ids(answer)}
        refused = [answer for answer in answers if answer.status != 202]
        assert len(accepted) >= DEPTH
        assert {answer.status for answer in refused} == {503}
        assert {answer.json()["code"] for answer in refused} == {"QUEUE_FULL"}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
        installation.manage("sending", "resume")
        wait_until(lambda: _ask(service.api, 0).status == 202, "there is room")
        account = wait_until_settled(installation.environment)
    assert accepted <= set(account.rows)
    account.must_balance(set(account.rows), hits_of(there))
    assert account.having("sent") == set(account.rows)
    assert account.marked() == set()


def _flooded(api: Api) -> list[Answer]:
    """Ask until one is refused; the depth is known as of a second ago."""
    answers: list[Answer] = []

    def is_refused() -> bool:
        with ThreadPoolExecutor(8) as pool:
            answers.extend(pool.map(lambda number: _ask(api, number), range(DEPTH)))
        return any(answer.status != 202 for answer in answers)

    wait_until(is_refused, "the queue is full")
    return answers


def _ask(api: Api, number: int) -> Answer:
    form = {
        "user_id": list(GUARANTEES)[number % 2],
        "custom_content": {"content": "Hello"},
    }
    return api.call("POST", SEND, form)


def _ids(answer: Answer) -> list[str]:
    if answer.status != 202:
        return []
    return [str(result["message_id"]) for result in answer.json()["results"]]


def test_many_writers_are_never_told_to_wait_for_each_other(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        with calling(Callers(service.api, list(GUARANTEES)), threads=8) as ledger:
            wait_until(lambda: len(ledger.accepted) >= MANY, "many are accepted", 30)
        account = wait_until_settled(installation.environment)
        said = service.said()
    account.must_balance(ledger.message_ids, hits_of(there))
    assert account.having("sent") == ledger.message_ids
    assert ledger.repeats == 0
    assert "database is locked" not in said
