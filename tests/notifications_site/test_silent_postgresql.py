"""A server that does not answer is asked whether it is there; only a silent one is left."""

import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from notifications_site.postgresql.outage import TellingConnection
from notifications_site.postgresql.silence import GOOD_FOR, Address, Silence
from tests.notifications_site.silent_servers import Server, listening_in, serving

PORT = 5432
WITHIN = 0.3
THREADS = 6


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="pg-") as made:
        yield Path(made)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def hurried(known: Silence) -> type[TellingConnection]:
    """Return connections that lose patience soon and share what they know."""

    class Hurried(TellingConnection):
        patience = 0.1
        silence = known

    return Hurried


@contextmanager
def callers_waiting(folder: Path, many: int) -> Iterator[None]:
    """Let callers wait to be taken."""
    with ExitStack() as stack:
        for _number in range(many):
            caller = stack.enter_context(socket.socket(socket.AF_UNIX))
            caller.setblocking(False)
            caller.connect_ex(f"{folder}/.s.PGSQL.{PORT}")
        yield


def test_a_server_that_is_slow_is_waited_for(server: Server) -> None:
    silence = Silence(WITHIN)
    with (
        hurried(silence).connect(server.conninfo, autocommit=True) as connection,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(connection.execute, "SELECT")
        assert server.was_asked.wait(10)
        server.may_answer.set()
        assert asked.result().statusmessage == "SELECT 0"
        assert not silence.is_known()


def test_a_server_that_is_silent_is_hung_up_on_and_everybody_is_told(
    server: Server,
) -> None:
    silence, server.is_awake = Silence(WITHIN), False
    made = [
        hurried(silence).connect(server.conninfo, autocommit=True)
        for _number in range(THREADS)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(one.execute, "SELECT") for one in made]
        for one in asked:
            with pytest.raises(psycopg.OperationalError, match="does not answer"):
                one.result()
    assert all(one.closed for one in made)
    assert silence.is_known()


def test_what_one_found_is_good_for_all_for_a_moment_and_then_asked_again(
    server: Server,
) -> None:
    clock = Clock()
    silence, address = Silence(WITHIN, clock), Address("127.0.0.1", server.port)
    server.is_awake = False
    assert silence.is_found_at(address)
    server.is_awake = True
    assert silence.is_known()
    clock.now += GOOD_FOR
    assert not silence.is_known()


def test_nobody_asks_a_server_that_is_not_known_to_be_silent(server: Server) -> None:
    silence = Silence(WITHIN)
    assert not silence.is_known()
    assert not server.was_asked.is_set()


@pytest.mark.parametrize(("answer", "is_there"), [(b"S", True), (b"", False)])
def test_a_server_is_asked_by_its_socket_in_a_folder(
    folder: Path, answer: bytes, is_there: bool
) -> None:
    with listening_in(folder, PORT, answer):
        assert Address(str(folder), PORT).answers(WITHIN) is is_there


def test_a_server_that_takes_nobody_any_more_does_not_answer(folder: Path) -> None:
    with listening_in(folder, PORT, b""), callers_waiting(folder, 4):
        assert not Address(str(folder), PORT).answers(WITHIN)


@pytest.mark.parametrize("host", ["127.0.0.1", "/nowhere", "@nowhere"])
def test_a_server_that_is_not_there_does_not_answer(host: str) -> None:
    assert not Address(host, 1).answers(WITHIN)
