"""The broker is gone, frozen, killed or wiped: what is accepted is delivered all the same."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers, Ledger, calling
from tests.faults.families import children, part
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.queries import query
from tests.faults.servers import Broker, broker
from tests.journeys.calls import Api
from tests.notifications_site.programs import free_port, running
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

MORE = 10
LIFE = "SELECT count(*) FROM canaries WHERE runs > 0"
RESTARTS = "SELECT max(wedged_restarts) FROM worker_heartbeats"
STRIKES: dict[str, Callable[[Broker], None]] = {
    "wiped": Broker.wipe,
    "frozen": lambda it: it.signal(signal.SIGSTOP),
    "killed": lambda it: it.signal(signal.SIGKILL),
}


@pytest.fixture
def valkey_of_its_own() -> Iterator[Broker]:
    with broker() as made:
        yield made


@pytest.mark.parametrize("how", STRIKES)
def test_a_broker_that_fails_under_load_stops_neither_accepting_nor_delivering(
    tmp_path: Path, valkey_of_its_own: Broker, how: str
) -> None:
    installation = installed(tmp_path, REDIS_URL=valkey_of_its_own.url)
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        with calling(Callers(service.api, list(GUARANTEES))) as ledger:
            _wait_for_more(ledger)
            STRIKES[how](valkey_of_its_own)
            _wait_for_more(ledger)
        account = wait_until_settled(installation.environment)
        if how == "frozen":
            valkey_of_its_own.signal(signal.SIGCONT)
    account.must_balance(ledger.message_ids, hits_of(there))
    assert account.having("sent") == ledger.message_ids
    assert account.marked() == set()
    assert ledger.repeats == 0


def test_without_a_broker_from_the_start_the_ticker_delivers(tmp_path: Path) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    installation = installed(tmp_path, REDIS_URL=nobody)
    environment, output = installation.environment, tmp_path / "output"
    command = ["up", "--port", str(installation.port)]
    api = Api(installation.port, environment["API_SECRET_KEY"])
    with (
        receiver(answering(OK)) as there,
        running(*command, environment=environment, output=output),
    ):
        wait_until(lambda: "ready in" in output.read_text(), "it is ready", 40)
        assert "REDIS_URL does not answer" in output.read_text()
        both_users(api, there.url)
        with calling(Callers(api, list(GUARANTEES))) as ledger:
            _wait_for_more(ledger)
        account = wait_until_settled(environment)
    account.must_balance(ledger.message_ids, hits_of(there))
    assert account.having("sent") == ledger.message_ids
    assert ledger.repeats == 0


def test_a_broker_that_comes_later_is_found(tmp_path: Path) -> None:
    port = free_port()
    installation = installed(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}/0")
    environment, output = installation.environment, tmp_path / "output"
    with running("worker", environment=environment, output=output):
        wait_until(lambda: "worker is ready" in output.read_text(), "it is ready", 40)
        assert query(environment, LIFE) == [(0,)]
        with broker(port):
            wait_until(lambda: query(environment, LIFE)[0][0] > 0, "canaries run", 60)
            assert "the broker answers again" in output.read_text()


def test_an_idle_task_process_killed_under_redis_is_found_and_replaced(
    tmp_path: Path, valkey_of_its_own: Broker
) -> None:
    installation = installed(tmp_path, REDIS_URL=valkey_of_its_own.url, WORKERS="1")
    environment = installation.environment
    with installation.started() as service:
        wait_until(lambda: query(environment, LIFE)[0][0] > 0, "a canary ran", 60)
        sentinel = part(service.process.pid, "sentinel")
        os.kill(children(sentinel)[0], signal.SIGKILL)
        wait_until(lambda: query(environment, RESTARTS)[0][0] == 1, "it is found", 60)
        ran = query(environment, LIFE)[0][0]
        wait_until(lambda: query(environment, LIFE)[0][0] > ran, "canaries run", 60)


def _wait_for_more(ledger: Ledger) -> None:
    enough = len(ledger.accepted) + MORE
    wait_until(lambda: len(ledger.accepted) >= enough, "more is accepted", 30)
