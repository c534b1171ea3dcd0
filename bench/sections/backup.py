"""Backup and restore: how long, and whether ten times as much takes more memory."""

from __future__ import annotations

from collections.abc import Iterator

from bench.machine import TESTED
from bench.options import Options
from bench.report import Figure, Line
from bench.stage import NAMES, Stage

SECTION = "backup"
LOGS, TEMPLATES, CONFIGS = 100_000, 1_000, 10_000
MEMORY_AT_MOST = 1.1


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    logs = LOGS // 10 if options.is_quick else LOGS
    small, large = (_measured(stage, count) for count in (logs // 10, logs))
    for what in ("backup", "restore"):
        took, before = large[what], small[what]
        about = f"{what} of {logs:,} logs"
        on = NAMES[stage.database]
        beside = {f"{logs // 10:,} logs": before["seconds"]}
        beside |= {name: took[name] for name in ("size", "planning") if name in took}
        yield Figure(SECTION, about, on, took["seconds"], "s", beside)
        yield Figure(
            SECTION,
            f"{about}: peak memory",
            on,
            took["memory"],
            "MB",
            {f"{logs // 10:,} logs": before["memory"]},
            ratio=took["memory"] / before["memory"],
            at_most=MEMORY_AT_MOST,
        )


def _measured(stage: Stage, logs: int) -> dict[str, dict[str, float]]:
    scale = logs / LOGS
    counts = {"templates": int(TEMPLATES * scale), "configs": int(CONFIGS * scale)}
    stage.job("backup.fill", logs=logs, **counts)
    made = stage.job("backup.make", core=TESTED, folder=str(stage.folder / "backups"))
    path = made.pop("path")
    stage.job("backup.empty")
    return {
        "backup": made,
        "restore": stage.job("backup.restore", core=TESTED, path=path),
    }
