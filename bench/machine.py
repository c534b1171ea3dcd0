"""Cores, processor time and memory of processes, read from the kernel."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Iterable
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
# The process under test has one core; its peer and the database have the other.
TESTED, OTHERS = CORES[0], CORES[-1]
_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(ancestor: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            parents[int(folder.name)] = int(fields[1])
    found, generation = [ancestor], {ancestor}
    while generation:
        generation = {p for p, parent in parents.items() if parent in generation}
        found += sorted(generation)
    return found


def cpu_seconds(processes: Iterable[int]) -> float:
    """Return the processor time that processes have used, reaped children included."""
    total = 0
    for process in processes:
        fields = _stat(process)
        total += sum(map(int, fields[11:15])) if fields else 0
    return total / _TICKS


def pss_megabytes(process: int) -> float:
    """Return a process's memory, with its share of what it shares with others."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line[:4] == "Pss:") / 1024


def command_of(process: int) -> str:
    """Return the command line of a process."""
    try:
        raw = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def description() -> str:
    """Return what this machine is, in one line."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{len(CORES)} cores ({model}), Python {platform.python_version()}"


def _stat(process: int) -> list[str]:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
