"""`manage.py up` as a person uses it: real processes on free ports."""

import http.client
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.notifications_site.programs import (
    free_port,
    manage,
    running,
    settings_for,
)
from tests.processes import descendants, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Up:
    """A running `up` and where it is to be found."""

    pid: int
    url: str
    port: int
    output: Path
    wait: Callable[[float], int]

    def lines(self) -> str:
        return self.output.read_text()

    def process(self, part_of_command: str) -> int:
        """Return a descendant by its command line."""

        def found() -> int:
            family = descendants(self.pid).items()
            return next((pid for pid, text in family if part_of_command in text), 0)

        return wait_until(found, f"{part_of_command} runs")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return settings_for(tmp_path)


@pytest.fixture
def up(environment: dict[str, str], tmp_path: Path) -> Iterator[Up]:
    """Return a whole service that said it is ready."""
    assert manage("migrate", "-v0", environment=environment).returncode == 0
    port, output = free_port(), tmp_path / "output"
    command = ("up", "--port", str(port), "--sandbox", "--sandbox-port")
    with running(
        *command, str(free_port()), environment=environment, output=output
    ) as process:
        wait_until(lambda: "ready in" in output.read_text(), "up is ready", 60)
        url = f"http://127.0.0.1:{port}"
        yield Up(process.pid, url, port, output, process.wait)


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["main only", "its group"])
def test_it_says_where_to_look_and_one_signal_stops_it_all(
    up: Up, send: Callable[[int, int], None]
) -> None:
    assert f"{up.url}/admin/" in up.lines()
    assert "sandbox" in up.lines()
    assert status_of(up.port, "/livez") == 200
    family = descendants(up.pid)
    assert len(family) > 8
    send(up.pid, signal.SIGTERM)
    assert up.wait(25) == 0
    assert not any(map(is_alive, family))
    assert "did not stop in time" not in up.lines()


def test_a_web_server_that_is_killed_comes_back_with_its_port(up: Up) -> None:
    os.kill(up.process("gunicorn"), signal.SIGKILL)
    wait_until(lambda: "web ended with signal 9" in up.lines(), "the end is said")
    wait_until(lambda: status_of(up.port, "/livez") == 200, "it answers again")


def test_a_worker_that_is_killed_leaves_no_cluster_behind(up: Up) -> None:
    worker = up.process("manage.py worker")
    family = descendants(worker)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: up.lines().count("worker is ready") == 2, "it is back", 60)
    wait_until(lambda: not any(map(is_alive, family)), "the old cluster ended", 30)


def test_unapplied_migrations_are_said_with_the_command(
    environment: dict[str, str],
) -> None:
    result = manage("up", "--port", str(free_port()), environment=environment)
    assert result.returncode == 2
    assert "migrations are not applied" in result.stderr
    assert "Run: python manage.py migrate" in result.stderr


def test_a_port_in_use_is_said_with_its_holder(environment: dict[str, str]) -> None:
    manage("migrate", "-v0", environment=environment)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = manage("up", "--port", str(port), environment=environment)
    assert result.returncode == 2
    assert f"Port {port} on 127.0.0.1 is in use by process {os.getpid()}" in (
        result.stderr
    )
    assert "choose another with --port" in result.stderr


@pytest.mark.parametrize("option", ["--web", "--workers", "--port"])
def test_a_number_below_one_is_refused(
    option: str, environment: dict[str, str]
) -> None:
    result = manage("up", option, "0", environment=environment)
    assert result.returncode == 2
    assert f"{option} must be at least 1" in result.stderr


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    url = f"postgres://nobody@127.0.0.1:{free_port()}/none"
    environment = settings_for(tmp_path, DATABASE_URL=url)
    result = manage("up", environment=environment)
    assert result.returncode == 2
    assert "The database cannot be used" in result.stderr
    assert "Correct DATABASE_URL." in result.stderr
