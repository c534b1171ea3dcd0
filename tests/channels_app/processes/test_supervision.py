"""Supervision, with real processes that die, hang and leave orphans."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels_app.processes.child import PROJECT_DIR, pause_before_restart
from channels_app.processes.kernel import children_of
from tests.processes import is_alive
from tests.waiting import wait_until

Run = Callable[..., subprocess.Popen[bytes]]

# Each notes its process id, so that the test can find it.
NOTE = (
    "import os, pathlib, signal, sys, time\n"
    "def note(name):\n"
    "    file = pathlib.Path(os.environ['NOTES']) / f'{name}.{os.getpid()}'\n"
    "    file.touch()\n"
)
SLEEPER = f"{NOTE}note('sleeper')\ntime.sleep(600)"
STUBBORN = f"{NOTE}signal.signal(signal.SIGTERM, signal.SIG_IGN)\nnote('stubborn')\ntime.sleep(600)"
PARENT = f"{NOTE}note('grandchild' if os.fork() == 0 else 'parent')\ntime.sleep(600)"
RUNAWAY = (
    f"{NOTE}\nif os.fork() == 0:\n"
    "    os.setsid()\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "    note('runaway')\nelse:\n    note('parent')\n"
    "time.sleep(600)"
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def run(notes: Path) -> Iterator[Run]:
    """Start supervisors, each in a group of its own; kill what is left of them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*children: str, **environment: str) -> subprocess.Popen[bytes]:
        module = "tests.channels_app.processes.supervise"
        process = subprocess.Popen(
            [sys.executable, "-m", module, *children],
            env={**os.environ, "NOTES": str(notes), **environment},
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    for note in notes.iterdir():
        if is_alive(int(note.suffix[1:])):
            os.kill(int(note.suffix[1:]), signal.SIGKILL)


def noted(notes: Path, name: str) -> list[int]:
    return [int(file.suffix[1:]) for file in notes.glob(f"{name}.*")]


def await_note(notes: Path, name: str) -> int:
    return wait_until(lambda: noted(notes, name), f"{name} runs")[0]


def test_a_child_that_dies_is_started_again(run: Run, notes: Path) -> None:
    run(f"a={SLEEPER}")
    os.kill(await_note(notes, "sleeper"), signal.SIGKILL)
    wait_until(lambda: len(noted(notes, "sleeper")) == 2, "it runs again")


def test_a_command_that_runs_once_is_not_started_again(run: Run) -> None:
    supervisor = run("once=print('done')", "b=print('again', flush=True)")
    assert supervisor.stdout is not None
    lines = [supervisor.stdout.readline() for _ in range(7)]
    assert lines.count(b"once     | done\n") == 1
    assert lines.count(b"b        | again\n") > 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["main only", "its group"])
def test_a_signal_stops_everything(
    run: Run, notes: Path, number: int, send: Callable[[int, int], None]
) -> None:
    supervisor = run(f"a={SLEEPER}", f"b={PARENT}")
    names = ("sleeper", "parent", "grandchild")
    family = [await_note(notes, name) for name in names]
    send(supervisor.pid, number)
    assert supervisor.wait(20) == 0
    assert not any(map(is_alive, family))


def test_a_child_that_ignores_the_signal_is_killed(run: Run, notes: Path) -> None:
    supervisor = run(f"a={STUBBORN}", GRACE_SECONDS="0.3")
    child = await_note(notes, "stubborn")
    supervisor.terminate()
    output, _ = supervisor.communicate(timeout=20)
    assert b"test     | a did not stop in time and is killed" in output
    assert not is_alive(child)


def test_grandchildren_end_with_the_child_that_started_them(
    run: Run, notes: Path
) -> None:
    run(f"a={PARENT}")
    grandchild = await_note(notes, "grandchild")
    os.kill(await_note(notes, "parent"), signal.SIGKILL)
    wait_until(lambda: not is_alive(grandchild), "the grandchild has ended")


def test_a_runaway_grandchild_is_adopted_and_killed_at_the_end(
    run: Run, notes: Path
) -> None:
    supervisor = run(f"a={RUNAWAY}")
    runaway = await_note(notes, "runaway")
    os.kill(await_note(notes, "parent"), signal.SIGKILL)
    wait_until(lambda: runaway in children_of(supervisor.pid), "it is adopted")
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert not is_alive(runaway)


def test_no_child_outlives_a_killed_supervisor(run: Run, notes: Path) -> None:
    supervisor = run(f"a={SLEEPER}")
    child = await_note(notes, "sleeper")
    supervisor.kill()
    wait_until(lambda: not is_alive(child), "the child has ended")


def test_what_children_write_comes_out_line_by_line_under_their_names(
    run: Run,
) -> None:
    talk = "import sys, time; print('one\\ntwo'); print('bad', file=sys.stderr)"
    supervisor = run(f"talker={talk}\nsys.stdout.flush()\ntime.sleep(600)")
    assert supervisor.stdout is not None
    lines = sorted(supervisor.stdout.readline() for _ in range(3))
    assert lines == [b"talker   | bad\n", b"talker   | one\n", b"talker   | two\n"]


@pytest.mark.parametrize(
    ("failures", "pause"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (10_000, 30.0)]
)
def test_the_pause_before_a_restart_grows_to_half_a_minute(
    failures: int, pause: float
) -> None:
    assert pause_before_restart(failures) == pause
