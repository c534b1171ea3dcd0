"""Starts real processes on a core of their own, and ends exactly those."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.machine import CORES, OTHERS

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class ProgramFailedError(RuntimeError):
    """A process of the benchmark ended, or never got ready; its output says why."""


class Program:
    """A running process with its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.pid = process.pid
        self._process = process
        self._log = log

    def wait_for_line(self, wanted: str) -> None:
        """Wait until the output holds a text."""
        self._wait(lambda: wanted in self._log.read_text(errors="replace"), wanted)

    def wait_for_answer(self, port: int, path: str = "/livez") -> None:
        """Wait until a web server answers."""
        self._wait(lambda: _answers(port, path), f"port {port}")

    def _wait(self, is_there: Any, what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_there():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = self._log.read_text(errors="replace")[-3000:]
                raise ProgramFailedError(f"waiting for {what}:\n{tail}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the process group: gently, then not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
                return


@contextmanager
def running(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    log: Path,
    core: int | None = OTHERS,
) -> Iterator[Program]:
    """Run a program on one core, or on all of them, in a group of its own."""
    with log.open("wb") as output, on_core(core):
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    program = Program(process, log)
    try:
        yield program
    finally:
        program.stop()


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Let what is started meanwhile run on one core; None: on any."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def run_json(
    module: str,
    environment: Mapping[str, str],
    *arguments: str,
    core: int = OTHERS,
) -> Any:
    """Run a module to its end; return the JSON in its last line of output."""
    with on_core(core):
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    if done.returncode:
        text = (done.stdout + done.stderr).decode(errors="replace")
        raise ProgramFailedError(f"{module} {arguments}:\n{text[-3000:]}")
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
