"""The machine: room on its disk, memory of our processes, load, and its clock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from channels_app.selectors.clock import database_time
from channels_app.selectors.disk import disk_state
from diagnostics.checks.contract import (
    Area,
    Check,
    Fact,
    Figure,
    FindingKind,
    Said,
    Severity,
    Step,
    Who,
)
from diagnostics.checks.processes import our_processes

# Below so many times what is needed to accept, it is time to act.
SCARCE = 4
BUSY_PER_CORE = 4.0
SKEW_SECONDS, GRAVE_SKEW_SECONDS = 5.0, 60.0
LARGE_MB = 1024.0
MEMORY_SHORT = 0.05

DISK_SHORT = FindingKind(
    id="machine.disk_short",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The disk is nearly full."),
    cause=_("%(free_mb)s MB are free; below %(least_mb)s MB nothing is accepted."),
    remedy=_(
        "Make room: shorten LOG_RETENTION_DAYS or prune, move old backups away, give "
        "the disk more space."
    ),
    verify=_("At least %(wanted_mb)s MB are free."),
    fix_command="manage.py prune --days 30 --dry-run",
)
CLOCK_OFF = FindingKind(
    id="machine.clock_off",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The clock of this machine is off."),
    cause=_("It is %(skew_s)s s away from the database's clock."),
    remedy=_(
        "Synchronise both machines by NTP. Beyond five minutes signed requests are "
        "refused with TIMESTAMP_EXPIRED; leases and due times are the database's."
    ),
    verify=_("The clocks differ by less than %(limit_s)s s."),
    fix_command="timedatectl set-ntp true",
)
BUSY = FindingKind(
    id="machine.busy",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The machine has more to do than it can."),
    cause=_("Its load is %(load)s on %(cores)s cores."),
    remedy=_("Look what uses the processor; move something to a second machine."),
    verify=_("The load is below %(limit)s."),
    fix_command="top -b -n 1 -o %%CPU",
)
PROCESS_LARGE = FindingKind(
    id="machine.process_large",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("A process of ours uses much memory."),
    cause=_("%(name)s (process %(pid)s) holds %(mb)s MB; about 100 are usual."),
    remedy=_(
        "Restart it (a worker drains first, nothing is lost), and report it: it ought "
        "not to grow."
    ),
    verify=_("It stays below %(limit_mb)s MB."),
    fix_command="kill -TERM %(pid)s",
)
MEMORY_GONE = FindingKind(
    id="machine.memory_short",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The machine has hardly any memory left."),
    cause=_("%(free_mb)s of %(total_mb)s MB are available."),
    remedy=_("Find the largest process; the kernel will soon kill one."),
    verify=_("More than a twentieth of the memory is available."),
    fix_command="ps aux --sort=-rss",
)


def look_at_disk() -> Iterator[Said]:
    """Look how much room is left where the data lies."""
    state = disk_state()
    if state.free_mb is None:
        return
    yield Figure("free", state.free_mb, "MB")
    wanted = SCARCE * state.least_mb
    if state.free_mb < wanted:
        grave = Severity.CRITICAL if state.is_short else Severity.WARNING
        yield DISK_SHORT.found(
            severity=grave,
            free_mb=state.free_mb,
            least_mb=state.least_mb,
            wanted_mb=wanted,
        )


def look_at_clock() -> Iterator[Said]:
    """Compare this machine's clock with the database's, half a round trip taken off."""
    before = time.time()
    theirs = database_time().timestamp()
    skew = theirs - (before + time.time()) / 2
    yield Figure("skew", round(abs(skew), 3), "s")
    if abs(skew) > SKEW_SECONDS:
        is_grave = abs(skew) > GRAVE_SKEW_SECONDS
        yield CLOCK_OFF.found(
            severity=Severity.CRITICAL if is_grave else Severity.WARNING,
            skew_s=round(skew, 1),
            limit_s=f"{SKEW_SECONDS:g}",
        )


def look_at_load() -> Iterator[Said]:
    """Look at the load of the last five minutes."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[1]
    yield Figure("load", round(load, 2))
    yield Fact("cores", str(cores))
    limit = BUSY_PER_CORE * cores
    if load > limit:
        yield BUSY.found(load=round(load, 1), cores=cores, limit=f"{limit:g}")


def look_at_memory() -> Iterator[Said]:
    """Look at our processes on this machine, and at what is left for all."""
    processes = our_processes()
    for name in sorted({process.name for process in processes}):
        held = sum(process.mb for process in processes if process.name == name)
        yield Figure(name, round(held, 1), "MB")
    for process in processes:
        if process.mb > LARGE_MB:
            yield PROCESS_LARGE.found(
                str(process.pid),
                name=process.name,
                pid=process.pid,
                mb=round(process.mb),
                limit_mb=f"{LARGE_MB:g}",
            )
    total, free = _machine_memory_mb()
    yield Figure("available", free, "MB")
    if free < MEMORY_SHORT * total:
        yield MEMORY_GONE.found(free_mb=round(free), total_mb=round(total))


def _machine_memory_mb() -> tuple[float, float]:
    lines = Path("/proc/meminfo").read_text().splitlines()
    table = {name: value.split()[0] for name, _colon, value in map(_parted, lines)}
    return int(table["MemTotal"]) / 1024, int(table["MemAvailable"]) / 1024


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


AREA = Area(
    checks=(
        Check("machine.disk", Step.RESOURCES, _("Disk"), look_at_disk),
        Check("machine.clock", Step.RESOURCES, _("Clock"), look_at_clock),
        Check("machine.load", Step.RESOURCES, _("Load"), look_at_load),
        Check("machine.memory", Step.RESOURCES, _("Memory"), look_at_memory),
    ),
    kinds=(DISK_SHORT, CLOCK_OFF, BUSY, PROCESS_LARGE, MEMORY_GONE),
)
