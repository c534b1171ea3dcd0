"""Healthy receivers while some of the others hang for 30 seconds."""

from __future__ import annotations

from collections.abc import Iterator

from bench.machine import TESTED
from bench.options import Options
from bench.report import Figure, Line, middle
from bench.stage import NAMES, Stage

SECTION = "hanging"
DESTINATIONS = 50
HANGING = 5


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figure of this section."""
    runs = min(options.runs, 3)
    with stage.sink(100) as port:
        healthy = [_rate(stage, options, port, 0) for _n in range(runs)]
        mixed = [_rate(stage, options, port, HANGING) for _n in range(runs)]
    yield Figure(
        SECTION,
        "deliveries/s to healthy receivers, 10 % hang for 30 s",
        NAMES[stage.database],
        middle(mixed),
        "/s",
        {"none hangs": middle(healthy)},
        ratio=middle(mixed) / middle(healthy),
        at_least=0.9,
        runs=mixed,
    )


def _rate(stage: Stage, options: Options, port: int, hanging: int) -> float:
    stage.job(
        "stock.deliveries",
        port=port,
        count=options.deliveries * 2,
        destinations=DESTINATIONS,
        hanging=hanging,
    )
    found = stage.job("drain.pump", core=TESTED)
    return float(found["count"] / found["seconds"])
