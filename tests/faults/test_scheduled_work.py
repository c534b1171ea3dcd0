"""Scheduled work in real processes: once a slot, and no end that nobody records."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.queries import execute, query
from tests.faults.slow_work import QUICK
from tests.notifications_site.programs import migrate, running, settings_for
from tests.processes import descendants, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

Environment = Mapping[str, str]
SLOW = {"DJANGO_SETTINGS_MODULE": "tests.faults.slow_work.settings", "WORKERS": "1"}
LONG_AGO = "2020-01-01 00:00:00"
HEARTBEATS = "SELECT count(*) FROM worker_heartbeats"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    made = settings_for(tmp_path, **SLOW)
    migrate(made)
    return made


@contextmanager
def a_worker(environment: Environment, name: str) -> Iterator[subprocess.Popen[bytes]]:
    output = Path(environment["DATA_DIR"]) / f"output-{name}"
    with running("worker", environment=environment, output=output) as worker:
        wait_until(lambda: "worker is ready" in output.read_text(), "it is ready", 60)
        yield worker


def make_due(environment: Environment, *tasks: str) -> None:
    names = ", ".join(f"'{task}'" for task in tasks)
    execute(
        environment,
        f"UPDATE schedules SET next_run_at = '{LONG_AGO}' WHERE name IN ({names})",
    )


def runs(environment: Environment, task: str) -> list[tuple[Any, ...]]:
    return query(
        environment,
        "SELECT status, error, id FROM task_execution_records"
        f" WHERE task = '{task}' ORDER BY id",
    )


def notes(environment: Environment) -> list[str]:
    file = Path(environment["DATA_DIR"]) / "runs"
    return file.read_text().split() if file.exists() else []


def child_of(worker: subprocess.Popen[bytes]) -> int:
    """Return the process that does scheduled work now."""
    family = descendants(worker.pid)
    [found] = [pid for pid, command in family.items() if " run_scheduled " in command]
    return found


def begin(environment: Environment, worker: subprocess.Popen[bytes], task: str) -> int:
    """Let a task begin; return its process."""
    make_due(environment, task)
    wait_until(lambda: task in notes(environment), f"{task} runs", 60)
    return child_of(worker)


def wait_until_ended(environment: Environment, task: str) -> tuple[str, str]:
    def ended() -> list[tuple[Any, ...]]:
        found = runs(environment, task)
        return [run for run in found if run[0] not in ("waiting", "running")]

    status, error, _id = wait_until(ended, f"{task} has ended", 40)[-1]
    return str(status), str(error)


def test_two_workers_do_each_due_task_once(environment: Environment) -> None:
    due = (*QUICK, "health_report")
    with a_worker(environment, "one"), a_worker(environment, "other"):
        wait_until(lambda: query(environment, HEARTBEATS) == [(2,)], "both are there")
        # No slot of their own may begin while the test runs.
        execute(environment, "UPDATE schedules SET every_seconds = 315360000")
        make_due(environment, *due)
        ended = [wait_until_ended(environment, task) for task in due]
        assert ended == [("succeeded", "")] * len(due)
        make_due(environment, *due)
        wait_until(lambda: not _due(environment), "the same slots were seen again")
    assert sorted(notes(environment)) == sorted(QUICK)
    assert [len(runs(environment, task)) for task in due] == [1] * len(due)
    assert query(environment, "SELECT count(*) FROM health_reports") == [(1,)]


def test_a_process_killed_in_the_middle_is_recorded(environment: Environment) -> None:
    with a_worker(environment, "one") as worker:
        os.kill(begin(environment, worker, "patient"), signal.SIGKILL)
        found = wait_until_ended(environment, "patient")
    assert found == ("failed", "Its process ended without a word.")


def test_a_task_past_its_time_limit_is_killed(environment: Environment) -> None:
    with a_worker(environment, "one") as worker:
        process = begin(environment, worker, "endless")
        found = wait_until_ended(environment, "endless")
        wait_until(lambda: not is_alive(process), "its process is gone")
    assert found == ("failed", "It took longer than its limit of 10 s.")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_that_ends_takes_its_task_along_and_the_next_slot_runs(
    environment: Environment, how: signal.Signals
) -> None:
    with a_worker(environment, "one") as worker:
        process = begin(environment, worker, "patient")
        worker.send_signal(how)
        worker.wait(25)
    wait_until(lambda: not is_alive(process), "its task ends too")
    found = wait_until_ended(environment, "patient")
    assert found[0] == "failed"
    assert "The worker was stopped while the task ran." in found[1]
    execute(environment, f"UPDATE task_execution_records SET slot = '{LONG_AGO}'")
    make_due(environment, "patient")
    (Path(environment["DATA_DIR"]) / "go").touch()
    with a_worker(environment, "other"):
        wait_until(lambda: _ends(environment) == ["failed", "succeeded"], "it runs", 40)


def _ends(environment: Environment) -> list[str]:
    return [status for status, _error, _id in runs(environment, "patient")]


def _due(environment: Environment) -> list[tuple[Any, ...]]:
    return query(
        environment, f"SELECT name FROM schedules WHERE next_run_at = '{LONG_AGO}'"
    )
