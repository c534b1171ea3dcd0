"""PostgreSQL that takes connections and answers nothing: who asks is told so in time."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    answering_after,
    receiver,
)
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers, calling
from tests.faults.families import parts
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, REPEATS, both_users, installed
from tests.faults.queries import query
from tests.faults.servers import PostgresServer, postgres_server
from tests.journeys.calls import SEND, Answer, request
from tests.journeys.service import Installation, Service
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
# A lease lasts 20 s here, and a cluster that runs nothing for 15 s is replaced.
PAST_EVERY_LEASE = 22
LIFE = "SELECT count(*) FROM canaries WHERE runs > 0"
WAITING = "SELECT count(*) FROM canaries WHERE runs = 0"
LOOKED = "SELECT count(*) FROM canaries"
RESTARTS = "SELECT wedged_restarts FROM worker_heartbeats"
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
        second = wait_until(lambda: _accepted(service), "each web process sees it")
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


def test_a_freeze_past_every_lease_is_no_fault_of_the_cluster_and_loses_nothing(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url, SEND_DEADLINE_SECONDS="15")
    environment, may_answer = installation.environment, threading.Event()
    with (
        receiver(answering_after(may_answer)) as there,
        installation.started() as service,
    ):
        both_users(service.api, there.url)
        wait_until(lambda: query(environment, LIFE) != [(0,)], "a canary ran", 30)
        accepted = _send_to_both(service)
        there.wait_for_requests(len(accepted))
        before = parts(service.process.pid)
        with _held(before["of the cluster"]):
            wait_until(lambda: query(environment, WAITING) != [(0,)], "one waits")
            with server.frozen():
                may_answer.set()
                time.sleep(PAST_EVERY_LEASE)
            _wait_for_a_look(environment)
        accepted |= _send_to_both(service)
        account = wait_until_settled(environment)
        _wait_for_a_look(environment)
        assert parts(service.process.pid) == before
        assert query(environment, RESTARTS) == [(0,)]
    account.must_balance(accepted, hits_of(there))


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


def _wait_for_a_look(environment: Mapping[str, str]) -> None:
    looked = query(environment, LOOKED)
    wait_until(lambda: query(environment, LOOKED) > looked, "the watchdog looked")


@contextmanager
def _held(processes: list[int]) -> Iterator[None]:
    """Let processes do nothing for a while."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def _accepted(service: Service) -> list[str]:
    """Send, and return the message ids; a refusal for the database's sake has none."""
    form = {"user_id": "repeats", "custom_content": {"content": "2"}}
    answer = service.api.call("POST", SEND, form)
    if answer.status == 503:
        return []
    assert answer.status == 202, answer.body.decode()
    return [result["message_id"] for result in answer.json()["results"]]


def _send_to_both(service: Service) -> set[str]:
    return {
        message_id
        for user in GUARANTEES
        for message_id in service.api.send(
            user_id=user, custom_content={"content": "Hello"}
        )
    }


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
