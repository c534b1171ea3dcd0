"""PostgreSQL crashes, or cuts every connection, while messages are accepted and sent."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers, Ledger, calling
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.servers import PostgresServer, postgres_server
from tests.journeys.calls import SEND, Answer, Api, request
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") != "postgres", reason="PostgreSQL alone"
    ),
]

CRASHES = 3
MANY = 16
MORE = 10


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as made:
        yield made


def test_crashes_of_postgresql_lose_nothing_and_everything_recovers_by_itself(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url, RETRY_SCHEDULE="1,1,1,1,1,1")
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        with calling(Callers(service.api, list(GUARANTEES))) as ledger:
            for _ in range(CRASHES):
                _wait_for_more(ledger)
                server.crash()
                refused = _refusal(service.api)
                server.start()
                _must_be_unavailable(refused)
            _wait_for_more(ledger)
        account = wait_until_settled(installation.environment)
    account.must_balance(ledger.message_ids, hits_of(there))
    assert ledger.unanswered == set()
    assert account.having("sent", "unknown") == ledger.message_ids


def test_cut_connections_lose_nothing_and_are_made_anew(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url, RETRY_SCHEDULE="1,1,1,1,1,1")
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        with calling(Callers(service.api, list(GUARANTEES))) as ledger:
            for _ in range(CRASHES):
                _wait_for_more(ledger)
                assert server.cut_all_connections() > 0
            _wait_for_more(ledger)
        account = wait_until_settled(installation.environment)
    account.must_balance(ledger.message_ids, hits_of(there))
    assert ledger.unanswered == set()
    assert account.having("sent", "unknown") == ledger.message_ids


def test_while_postgresql_is_stopped_everybody_is_told_at_once(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url)
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        server.crash()
        with ThreadPoolExecutor(MANY) as pool:
            refused = [pool.submit(_refusal, service.api) for _ in range(4 * MANY)]
            for _ in range(MORE):
                assert _probe(service.api, "/livez").status == 200
                unready = _probe(service.api, "/readyz")
                assert unready.status == 503
                assert "PostgreSQL" in unready.json()["reasons"][0]
        for one in refused:
            _must_be_unavailable(one.result())
        server.start()
        wait_until(lambda: _refusal(service.api).status == 202, "it accepts again")
        wait_until(lambda: _probe(service.api, "/readyz").status == 200, "it is ready")
        account = wait_until_settled(installation.environment)
    account.must_balance(set(account.rows), hits_of(there))


def _probe(api: Api, path: str) -> Answer:
    """Ask as a prober does that gives up after two seconds."""
    return request(api.port, "GET", path, patience=2)


def _wait_for_more(ledger: Ledger) -> None:
    enough = len(ledger.accepted) + MORE
    wait_until(lambda: len(ledger.accepted) >= enough, "more is accepted", 30)


def _refusal(api: Api) -> Answer:
    """Return what a caller is told while the database is away."""
    form = {"user_id": "repeats", "custom_content": {"content": "Hello"}}
    return api.call("POST", SEND, form)


def _must_be_unavailable(answer: Answer) -> None:
    assert answer.status == 503, answer.body.decode()
    assert answer.json()["code"] == "DATABASE_UNAVAILABLE"
    assert int(answer.headers["Retry-After"]) > 0
