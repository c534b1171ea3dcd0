"""Accepting while a worker sends: to healthy receivers, to hanging ones, to none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.machine import OTHERS
from bench.options import Options
from bench.programs import ProgramFailedError
from bench.report import Figure, Line, middle
from bench.sections.accept import PATHS, SITES, USERS, load, web
from bench.stage import NAMES, Stage

SECTION = "unwell"
LATENCY = 100
UNUSED_PORT = 9
HEALTHY, HANG, DOWN = "healthy", "hang", "down"
Found = Mapping[str, float]


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    rounds: dict[str, list[Found]] = {HEALTHY: [], HANG: [], DOWN: []}
    with stage.sink(LATENCY) as port:
        for _number in range(options.runs):
            for receivers, found in rounds.items():
                found.append(_one_run(stage, options, receivers, port))
    for receivers in (HANG, DOWN):
        yield _slower(stage, rounds[receivers], rounds[HEALTHY], receivers)
    yield _lost(stage, [one for found in rounds.values() for one in found])


def _one_run(stage: Stage, options: Options, receivers: str, port: int) -> Found:
    stage.job("stock.clear")
    stage.job(
        "stock.configs",
        port=UNUSED_PORT if receivers == DOWN else port,
        count=USERS,
        hanging=USERS if receivers == HANG else 0,
    )
    with web(stage, SITES["ours"]) as (site, _processes), _worker(stage):
        path = f"{PATHS['ours']}send"
        first = load(stage, site, path, seconds=1.0)  # every receiver is tried
        found = load(stage, site, path, seconds=options.seconds)
    accepted = [one["statuses"].get("202", 0) for one in (first, found)]
    if not all(accepted):
        raise ProgramFailedError(f"accepted with receivers {receivers}: {accepted}")
    kept = stage.job("stock.kept")
    return {
        "p95": found["p95"] * 1000,
        "rate": accepted[1] / found["seconds"],
        "refused": found["count"] - accepted[1],
        "accepted": sum(accepted),
        "sent": kept["sent"],
        "lost": sum(accepted) - kept["stored"],
    }


@contextmanager
def _worker(stage: Stage) -> Iterator[None]:
    with stage.run("manage.py", "worker", core=OTHERS, role="worker") as program:
        program.wait_for_line("worker is ready")
        yield


def _slower(
    stage: Stage, found: list[Found], healthy: list[Found], receivers: str
) -> Figure:
    ours, usual = (middle(one["p95"] for one in runs) for runs in (found, healthy))
    return Figure(
        SECTION,
        f"accept, p95 while all receivers {receivers}",
        NAMES[stage.database],
        ours,
        "ms",
        {
            HEALTHY: usual,
            "requests/s": middle(one["rate"] for one in found),
            "healthy, requests/s": middle(one["rate"] for one in healthy),
            "refused": sum(one["refused"] for one in found),
        },
        ratio=ours / usual,
        at_most=1.2,
        runs=[one["p95"] for one in found],
    )


def _lost(stage: Stage, found: list[Found]) -> Figure:
    return Figure(
        SECTION,
        "accepted meanwhile, but not stored",
        NAMES[stage.database],
        sum(abs(one["lost"]) for one in found),
        "notifications",
        {
            "accepted": sum(one["accepted"] for one in found),
            "sent by then": sum(one["sent"] for one in found),
        },
        at_most=0,
    )
