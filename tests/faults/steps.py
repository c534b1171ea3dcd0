"""Steps of the engine, each in a process that a crash point may end; see `engine.py`."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.notifications_site.programs import ROOT

PATIENCE = 60.0


@dataclass(frozen=True)
class Engine:
    """A process that forks one for each step."""

    process: "subprocess.Popen[str]"

    def step(self, *words: str, crash: str = "") -> int:
        """Run one step to its end; return its exit status."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([crash, *words]), file=self.process.stdin, flush=True)
        answers, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert answers, f"{words} does not end"
        return int(self.process.stdout.readline())


@contextmanager
def engine(environment: Mapping[str, str]) -> Iterator[Engine]:
    """Have the engine loaded while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.engine", "serve"],
        env=dict(environment),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield Engine(process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
