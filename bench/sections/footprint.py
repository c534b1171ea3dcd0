"""What a running service costs: time to start, memory of each process, idle CPU."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from bench.machine import (
    command_of,
    cpu_seconds,
    family,
    free_port,
    pss_megabytes,
)
from bench.options import Options
from bench.report import Figure, Line
from bench.stage import NAMES, Stage

SECTION = "footprint"
SETTLE_SECONDS = 3.0
WATCHED_SECONDS = 20.0


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    on = NAMES[stage.database]
    watched = 5.0 if options.is_quick else WATCHED_SECONDS
    started = time.monotonic()
    port = free_port()
    with stage.run("manage.py", "up", "--port", str(port), core=None) as program:
        program.wait_for_line("ready in")
        seconds = time.monotonic() - started
        time.sleep(SETTLE_SECONDS)
        before = cpu_seconds(family(program.pid))
        time.sleep(watched)
        processes = family(program.pid)
        cpu = (cpu_seconds(processes) - before) / watched * 100
        memory = {pid: pss_megabytes(pid) for pid in processes}
        names = {pid: _name(command_of(pid)) for pid in processes}
    yield Figure(SECTION, "start of up until ready", on, seconds, "s")
    yield Figure(SECTION, "idle CPU of all of up", on, cpu, "% of a core")
    beside: dict[str, float] = {}
    counts = Counter(names.values())
    for pid, megabytes in memory.items():
        name = f"{names[pid]} × {counts[names[pid]]}"
        beside[name] = beside.get(name, 0.0) + megabytes
    yield Figure(
        SECTION,
        f"memory of all {len(processes)} processes of up (PSS)",
        on,
        sum(memory.values()),
        "MB",
        beside,
        at_most=350,
    )


def _name(command: str) -> str:
    for word in ("gunicorn", "tasks.cluster", "manage.py worker", "site.processes"):
        if word in command:
            return word.removeprefix("manage.py ")
    return command.split(" ", maxsplit=1)[0].rpartition("/")[2] or "?"
