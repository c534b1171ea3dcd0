"""SIGTERM under load, to one process or to a whole group: nothing is left in question."""

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, Receiver, receiver
from tests.faults.account import Account, attempts_in_question, wait_until_settled
from tests.faults.callers import Callers, Ledger, calling
from tests.faults.families import part, parts, pumping
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.journeys.service import Installation, Service
from tests.processes import descendants, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

OUT_WITHIN = 45.0


@dataclass(frozen=True)
class Load:
    """A service under load: who calls it, and who takes what it sends."""

    installation: Installation
    service: Service
    callers: Callers
    there: Receiver

    @property
    def up(self) -> int:
        return self.service.process.pid

    @property
    def ledger(self) -> Ledger:
        return self.callers.ledger

    def hits(self) -> Counter[str]:
        return hits_of(self.there)

    def account(self) -> Account:
        return Account.of(self.installation.environment)


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Return a service in the middle of its work: slow answers, sends in flight."""
    with _slow_receiver() as there:
        installation = installed(tmp_path)
        with installation.started() as service:
            both_users(service.api, there.url)
            callers = Callers(service.api, list(GUARANTEES), is_patient=False)
            with calling(callers):
                there.wait_for_requests(30)
                yield Load(installation, service, callers, there)


@contextmanager
def _slow_receiver() -> Iterator[Receiver]:
    never = threading.Event()

    def behave(connection: socket.socket, _request: bytes) -> bool:
        never.wait(0.3)
        connection.sendall(OK)
        return True

    with receiver(behave) as there:
        yield there


def test_all_processes_told_at_once_end_well(load: Load) -> None:
    family = [load.up, *descendants(load.up)]
    for process in family:
        os.kill(process, signal.SIGTERM)
    assert load.service.process.wait(OUT_WITHIN) == 0
    load.callers.stop.set()
    assert not any(map(is_alive, family))
    assert attempts_in_question(load.installation.environment) == 0
    account = load.account()
    assert account.marked() == set()
    asked_again = len(account.rows) - len(load.ledger.message_ids)
    assert 0 <= asked_again <= len(load.ledger.unanswered)
    account.must_balance(set(account.rows), load.hits())


def _tell(name: str) -> Callable[[Load], int]:
    def tell(load: Load) -> int:
        told = part(load.up, name)
        os.kill(told, signal.SIGTERM)
        return told

    return tell


def _tell_the_clusters_group(load: Load) -> int:
    told = part(load.up, "main")
    os.killpg(told, signal.SIGTERM)
    return told


@pytest.mark.parametrize(
    "tell",
    [_tell("supervisor"), _tell("main"), _tell_the_clusters_group],
    ids=["the supervisor", "the cluster's main", "the cluster's group"],
)
def test_a_worker_told_to_stop_ends_well_and_another_takes_over(
    load: Load, tell: Callable[[Load], int]
) -> None:
    environment = load.installation.environment
    wait_until(lambda: pumping(environment), "a pump runs")
    family = [p for p in parts(load.up)["of the cluster"] if is_alive(p)]
    told = tell(load)
    load.callers.stop.set()
    wait_until(lambda: not any(map(is_alive, (told, *family))), "it is out", OUT_WITHIN)
    assert attempts_in_question(environment) == len(load.account().having("sending"))
    account = wait_until_settled(environment)
    assert attempts_in_question(environment) == 0
    assert account.marked() == set()
    account.must_balance(set(account.rows), load.hits())
    assert load.ledger.message_ids <= set(account.rows)
    wait_until(lambda: len(parts(load.up).get("of the cluster", ())) == 4, "it is back")
