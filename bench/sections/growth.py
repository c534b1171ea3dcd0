"""What a million rows change: claim, pages of the log, the last hour's figures."""

from __future__ import annotations

from collections.abc import Iterator

from bench.machine import TESTED
from bench.options import Options
from bench.report import Figure, Line, middle
from bench.stage import NAMES, Stage

SECTION = "growth"
SMALL = 10_000
AT_MOST = {
    "claim of 128": 1.5,
    "last hour's figures": 3.0,
    "first page of the log": 2.0,
    "deep page by offset": 2.0,
    "deep page by cursor": 2.0,
    "first page of the admin": 2.0,
    "deep page of the admin": 2.0,
}


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    large = 5_000_000 if options.is_large else 1_000_000
    if options.is_quick:
        large = 100_000
    times = 10 * options.runs
    stage.job("grow.fill", count=SMALL)
    small_found = stage.job("grow.times", core=TESTED, times=times)
    stage.job("grow.fill", count=large)
    large_found = stage.job("grow.times", core=TESTED, times=times)
    for what, bound in AT_MOST.items():
        small, big = middle(small_found[what]), middle(large_found[what])
        yield Figure(
            SECTION,
            f"{what} at {large:,} rows",
            NAMES[stage.database],
            big,
            "ms",
            {f"{SMALL:,} rows": small},
            ratio=big / small,
            at_most=bound,
        )
    pruned = stage.job("grow.prune")
    yield Figure(
        SECTION,
        f"retention at {large:,} rows",
        NAMES[stage.database],
        pruned["rate"],
        "rows/s",
        {"longest batch (ms)": pruned["longest"]},
    )
