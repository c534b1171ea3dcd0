"""One child process: its command, its process group, its restarts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from channels_app.processes import kernel

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STABLE_AFTER = 60.0


@dataclass(frozen=True)
class Command:
    """What to run and how.

    `restarts`: start it again when it ends. `is_captured`: its output comes to us,
    line by line; otherwise it writes where we write.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    restarts: bool = True
    is_captured: bool = True


def pause_before_restart(failures: int) -> float:
    """Return the seconds to wait after this many failures in a row."""
    return min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(failures - 1, 10))


class Child:
    """A command that is kept running in a session of its own."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.failures = 0
        self.due_at: float | None = time.monotonic()
        self._started_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return self.command.name

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def has_ended(self) -> bool:
        """Return whether it is over and will not be started again."""
        return self._process is None and self.due_at is None

    @property
    def output(self) -> IO[bytes] | None:
        return self._process.stdout if self._process else None

    def is_due(self, now: float) -> bool:
        return not self.is_running and self.due_at is not None and now >= self.due_at

    def start(self) -> None:
        """Start it as the leader of a new session that ends when we end."""
        launcher = (sys.executable, "-m", "channels_app.processes.launch")
        captured = self.command.is_captured
        self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            (*launcher, str(os.getpid()), *self.command.arguments),
            env=dict(self.command.environment),
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            bufsize=0,
            start_new_session=True,
        )
        self._started_at = time.monotonic()
        self.due_at = None

    def tell(self, signal_number: int) -> None:
        """Signal the main process alone; it tells the ones it started."""
        if self._process is not None:
            self._process.send_signal(signal_number)

    def kill(self) -> None:
        """Kill the whole process group."""
        if self._process is not None:
            kernel.signal_group(self._process.pid, signal.SIGKILL)

    def bury(self) -> int:
        """Reap the ended main process, kill what it left behind, plan the restart.

        The group is killed first: until it is reaped, nobody else can get its id.
        """
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        self.kill()
        status = self._process.wait()
        self._process = None
        lived = time.monotonic() - self._started_at
        self.failures = 1 if lived >= STABLE_AFTER else self.failures + 1
        if self.command.restarts:
            self.due_at = time.monotonic() + pause_before_restart(self.failures)
        return status
