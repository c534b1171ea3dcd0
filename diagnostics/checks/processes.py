"""Which processes of this installation run on this machine, and what they hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from channels_app.processes.child import PROJECT_DIR

PROC = Path("/proc")
# What stands before the word that tells which of our programs it is.
CALLERS = ("manage.py", "-m", "gunicorn")
NAMES = {
    "channels_app.tasks.cluster": "cluster",
    "notifications_site.wsgi": "web",
    "worker": "worker",
    "up": "up",
    "sandbox": "sandbox",
    "run_scheduled": "scheduled",
}


@dataclass(frozen=True)
class OurProcess:
    """One process: which program it is, and the memory that it alone holds."""

    pid: int
    name: str
    mb: float


def our_processes() -> list[OurProcess]:
    """Return those that run from this folder, as far as we may look; by name."""
    return sorted(_found(), key=lambda process: (process.name, process.pid))


def _found() -> Iterator[OurProcess]:
    for folder in PROC.glob("[0-9]*"):
        # It may have ended meanwhile, or belong to somebody else.
        with contextlib.suppress(OSError):
            if (folder / "cwd").resolve() == PROJECT_DIR and (name := _name(folder)):
                yield OurProcess(int(folder.name), name, _held_mb(folder))


def _name(folder: Path) -> str:
    words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    calls = [word for caller, word in pairwise(words) if caller.endswith(CALLERS)]
    return next((NAMES[word] for word in calls if word in NAMES), "")


def _held_mb(folder: Path) -> float:
    status = (folder / "status").read_text(errors="replace")
    kb = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")]
    return round(int(kb[0]) / 1024, 1) if kb else 0.0
