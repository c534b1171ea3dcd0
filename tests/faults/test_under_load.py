"""One running service under load: crowds, a flood, a dead destination, a rate limit."""

import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import (
    OK,
    Receiver,
    answering,
    hanging,
    receiver,
)
from tests.faults.account import WAITING, Account
from tests.faults.families import parts, pumping
from tests.faults.hits import hits_of
from tests.faults.installed import installed, webhook_user
from tests.faults.queries import query
from tests.journeys.calls import SEND, Answer
from tests.journeys.service import Service
from tests.notifications_site.programs import ROOT
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

CROWD = 50
DEPTH = 150
MB = 1024 * 1024
PAGE = 4096
MAY_GROW = 24 * MB
LIMITED, PER_SECOND, PROCESSES = 40, 10, 3
# So long a process may be kept from its work on a busy machine.
STALL = 1.5


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("load")
    installation = installed(folder, QUEUE_MAX_DEPTH=str(DEPTH))
    with installation.started() as running:
        yield running


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver(answering(OK)) as running:
        yield running


def new_user(service: Service, there: Receiver) -> str:
    user = f"u{secrets.token_hex(4)}"
    webhook_user(service.api, user, there.url)
    return user


def at_once(count: int, ask: Callable[[int], Answer]) -> list[Answer]:
    """Ask from so many threads, none before all are there."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Answer:
        barrier.wait(30)
        return ask(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def send(service: Service, user: str, **fields: str) -> Answer:
    form = {"user_id": user, "custom_content": {"content": "Hello"}, **fields}
    return service.api.call("POST", SEND, form)


def ids_in(answers: list[Answer]) -> set[str]:
    return {one["message_id"] for a in answers for one in a.json()["results"]}


def settled(service: Service, ids: set[str]) -> Account:
    environment = service.installation.environment
    wait_until(
        lambda: not ids & Account.of(environment).having(*WAITING), "they settle", 60
    )
    return Account.of(environment)


def test_a_crowd_with_one_key_sends_once(service: Service, there: Receiver) -> None:
    user, key = new_user(service, there), secrets.token_hex(8)
    answers = at_once(CROWD, lambda _: send(service, user, idempotency_key=key))
    assert {answer.status for answer in answers} <= {202, 409}
    ids = ids_in([answer for answer in answers if answer.status == 202])
    assert len(ids) == 1
    settled(service, ids)
    assert hits_of(there) == dict.fromkeys(ids, 1)
    other = send(service, user, idempotency_key=key, priority="high")
    assert other.status == 422, other.body.decode()


def test_a_crowd_without_a_key_sends_as_often_as_it_asked(
    service: Service, there: Receiver
) -> None:
    user = new_user(service, there)
    answers = at_once(CROWD, lambda _: send(service, user))
    assert {answer.status for answer in answers} == {202}
    ids = ids_in(answers)
    assert len(ids) == CROWD
    assert settled(service, ids).having("sent") >= ids
    assert hits_of(there) == dict.fromkeys(ids, 1)


def test_a_dead_destination_keeps_nobody_waiting_and_is_left_alone(
    service: Service, there: Receiver
) -> None:
    with receiver(hanging) as dead:
        gone, good = new_user(service, dead), new_user(service, there)
        waiting = ids_in([send(service, gone) for _ in range(30)])
        dead.wait_for_requests(1)
        others = ids_in([send(service, good) for _ in range(30)])
        environment = service.installation.environment
        wait_until(
            lambda: others <= Account.of(environment).having("sent"), "the good arrive"
        )
        assert waiting & Account.of(environment).having("sent") == set()
        opened = "SELECT count(*) FROM breakers WHERE open_until IS NOT NULL"
        wait_until(lambda: query(environment, opened) == [(1,)], "its breaker opens")
        asked = len(dead.requests)
        more = ids_in([send(service, good) for _ in range(10)])
        assert settled(service, more).having("sent") >= more
        assert len(dead.requests) <= asked + 1
        assert asked < len(waiting)
        for one in waiting:
            service.api.call("POST", f"/api/notifications/{one}/cancel")


def test_a_rate_holds_over_processes_in_every_window(service: Service) -> None:
    times: list[float] = []

    def note(talking: socket.socket, _request: bytes) -> bool:
        times.append(time.monotonic())
        talking.sendall(OK)
        return True

    environment = service.installation.environment
    with receiver(note) as there:
        pumps = [_engine(environment, "pump_for", 7) for _ in range(PROCESSES)]
        _engine(environment, "limited", there.url, LIMITED, 60 * PER_SECOND).wait(60)
        wait_until(lambda: len(times) == LIMITED, "all arrived", 60)
        assert [pump.wait(60) for pump in pumps] == [0] * PROCESSES
        assert len(hits_of(there)) == LIMITED
    used = "SELECT DISTINCT worker FROM delivery_attempts WHERE worker LIKE 'pump-%'"
    assert query(environment, used)
    times.sort()
    for first, begin in enumerate(times):
        for last in range(first, LIMITED):
            allowed = PER_SECOND * (times[last] - begin + STALL) + 1
            assert last - first + 1 <= allowed


def _engine(environment: dict[str, str], *words: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.faults.engine", *map(str, words)]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


def test_a_flood_up_to_the_limit_takes_no_memory(
    service: Service, there: Receiver
) -> None:
    user = new_user(service, there)
    environment = service.installation.environment
    service.installation.manage("sending", "pause")
    wait_until(lambda: not pumping(environment), "no pump sends any more")
    wait_until(lambda: _refused(_flood(service, user, DEPTH)), "the queue is full")
    before = _memory(service)
    refused = _refused(_flood(service, user, 3 * DEPTH))
    grown = _memory(service) - before
    service.installation.manage("sending", "resume")
    settled(service, Account.of(environment).having("pending"))
    assert {answer.status for answer in refused} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert grown < MAY_GROW


def _refused(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status != 202]


def _flood(service: Service, user: str, count: int) -> list[Answer]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: send(service, user), range(count)))


def _memory(service: Service) -> int:
    """Return the resident bytes of the web server and the worker."""
    family = parts(service.process.pid)
    processes = [p for name in family for p in family[name]]
    return sum(_resident(process) for process in processes)


def _resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
