"""PostgreSQL that takes connections and answers nothing: who asks is told so in time."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers, calling
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, REPEATS, both_users, installed
from tests.faults.servers import PostgresServer, postgres_server
from tests.journeys.calls import Answer, request
from tests.journeys.service import Installation
from tests.notifications_site.programs import manage
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") != "postgres", reason="PostgreSQL alone"
    ),
]

PROBES = 20
MANY = 20
MORE = 20
KEYS = [f"frozen-{number}" for number in range(MANY)]
# The machine that runs the tests may be busy; nobody may hang, though.
PATIENCE = 15
# What the installation says when its database says nothing.
FROZEN = {"database.unreachable", "check.cut_off", "check.broke"}
# These look at no database.
ALONE = {"cache", "environment.folder", "machine.disk", "machine.memory"}


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as made:
        yield made


def test_probes_answer_at_once_while_postgresql_is_frozen_and_all_recovers(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url)
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        first = service.api.send(user_id="repeats", custom_content={"content": "1"})
        with server.frozen():
            for _probe in range(PROBES):
                assert _asked(installation, "/livez", PATIENCE).status == 200
                unready = _asked(installation, "/readyz", PATIENCE)
                assert (unready.status, bool(unready.json()["reasons"])) == (503, True)
            wait_until(
                lambda: _is_told_within(installation, "/livez", 0.05) == 200,
                "50 ms are enough",
            )
            wait_until(
                lambda: _is_told_within(installation, "/readyz", 2) == 503,
                "two seconds are enough",
            )
        wait_until(lambda: _asked(installation, "/readyz", 5).status == 200, "ready")
        second = service.api.send(user_id="repeats", custom_content={"content": "2"})
        account = wait_until_settled(installation.environment)
    account.must_balance({*first, *second}, hits_of(there))


def test_sends_to_a_frozen_postgresql_are_refused_in_time_and_may_be_repeated(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url, RETRY_SCHEDULE="1,1,1,1,1,1")
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        callers = Callers(service.api, list(GUARANTEES))
        with calling(callers, threads=6) as ledger, ThreadPoolExecutor(MANY) as pool:
            wait_until(lambda: len(ledger.accepted) >= MORE, "some are accepted")
            with server.frozen():
                refused = pool.map(lambda key: callers.ask(key, REPEATS), KEYS)
                for answer in refused:
                    _must_be_unavailable(answer)
                assert _asked(installation, "/livez", PATIENCE).status == 200
            enough = len(ledger.accepted) + MORE
            wait_until(lambda: len(ledger.accepted) >= enough, "it accepts again")
        for key in KEYS:
            callers.send(key, REPEATS)
        account = wait_until_settled(installation.environment)
    account.must_balance(ledger.message_ids, hits_of(there))
    assert ledger.unanswered == set()


def test_a_diagnosis_of_a_frozen_postgresql_ends_and_says_what_it_could_not_see(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url)
    with server.frozen():
        told, status = _diagnosis(installation)
    ids = [one["id"] for one in told["findings"]]
    assert (status, ids[0]) == (1, "database.unreachable")
    assert set(ids) <= FROZEN | {"machine.busy"}
    figures = {name for step in told["steps"] for name in step["figures"]}
    facts = {name for step in told["steps"] for name in step["facts"]}
    seen = {name.rpartition(".")[0] for name in figures | facts}
    assert seen >= ALONE
    after, _status = _diagnosis(installation)
    assert not FROZEN & {one["id"] for one in after["findings"]}


def _must_be_unavailable(answer: Answer | None) -> None:
    assert answer is not None, "nobody answered"
    assert answer.status == 503, answer.body.decode()
    assert answer.json()["code"] == "DATABASE_UNAVAILABLE"
    assert int(answer.headers["Retry-After"]) > 0


def _asked(installation: Installation, path: str, patience: float) -> Answer:
    return request(installation.port, "GET", path, patience=patience)


def _is_told_within(installation: Installation, path: str, seconds: float) -> int:
    try:
        return _asked(installation, path, seconds).status
    except TimeoutError:
        return 0


def _diagnosis(installation: Installation) -> tuple[dict[str, Any], int]:
    done = manage("diagnose", "--json", environment=installation.environment)
    return json.loads(done.stdout), done.returncode
