"""Accepting: requests/s of one web process on a core, beside ceiling and usual way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench.machine import TESTED, cpu_seconds, family, free_port
from bench.options import Options
from bench.programs import run_json
from bench.report import Figure, Line, Skipped, middle
from bench.stage import NAMES, Stage

SECTION = "accept"
CONNECTIONS = 16
USERS = 50
BATCH = 100
SITES = {
    "ours": "notifications_site.wsgi",
    "barest": "bench.rivals.wsgi",
    "usual": "bench.rivals.wsgi",
}
PATHS = {
    "ours": "/api/notifications/",
    "barest": "/barest/",
    "usual": "/usual/",
}


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    stage.job("stock.switch", name="sending", is_on=False)
    rounds: dict[str, list[Mapping[str, float]]] = {}
    for _number in range(options.runs):
        for who in SITES:
            for batch in (0, BATCH):
                found = _one_run(stage, options, who, batch)
                rounds.setdefault(f"{who}/{batch}", []).append(found)
    stage.job("stock.switch", name="sending", is_on=True)
    medians = {name: _medians(found) for name, found in rounds.items()}
    yield from _single(stage, medians)
    yield from _batches(stage, medians)


def _medians(found: list[Mapping[str, float]]) -> dict[str, float]:
    return {name: middle(one[name] for one in found) for name in found[0]}


def _one_run(
    stage: Stage, options: Options, who: str, batch: int
) -> Mapping[str, float]:
    stage.job("stock.clear")
    stage.job("stock.configs", port=9, count=USERS)
    with web(stage, SITES[who]) as (port, processes):
        path = PATHS[who] + ("send-batch" if batch else "send")
        load(stage, port, path, seconds=0.5, batch=batch)  # fills caches
        before = cpu_seconds(processes())
        found = load(stage, port, path, seconds=options.seconds, batch=batch)
        cpu = cpu_seconds(processes()) - before
    accepted = found["statuses"].get("202", 0)
    return {
        "rate": accepted * (batch or 1) / found["seconds"],
        "cpu": cpu / max(1, accepted) * 1000 / (batch or 1),
        "p50": found["p50"] * 1000,
        "p95": found["p95"] * 1000,
    }


@contextmanager
def web(stage: Stage, application: str) -> Iterator[tuple[int, Any]]:
    """Run one web process as `up` does, on the core for what is tested."""
    port = free_port()
    server = ("-m", "gunicorn", application, "--no-control-socket")
    options = ("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread")
    more = ("--threads", "8", "--workers", "1", "--keep-alive", "20")
    arguments = (*server, *options, *more, "--log-level", "warning")
    with stage.run(*arguments, core=TESTED, role="web") as program:
        program.wait_for_answer(port)
        yield port, lambda: family(program.pid)


def load(
    stage: Stage, port: int, path: str, *, seconds: float, batch: int = 0
) -> Mapping[str, Any]:
    """Let callers send for a while; return what they saw."""
    rate = 60 if batch else 5000
    asked = {
        "port": port,
        "path": path,
        "secret": stage.secret,
        "count": int(rate * max(1.0, seconds)),
        "users": USERS,
        "batch": batch,
        "connections": CONNECTIONS,
        "seconds": seconds,
    }
    found: Mapping[str, Any] = run_json(
        "bench.load", stage.environment, json.dumps(asked)
    )
    return found


def _single(stage: Stage, medians: Mapping[str, dict[str, float]]) -> Iterator[Line]:
    ours, barest, usual = (medians[f"{who}/0"] for who in SITES)
    for name, other, least in (("DRF", usual, 2.2), ("barest view", barest, 0.7)):
        yield Figure(
            SECTION,
            f"accept, single, against {name}",
            NAMES[stage.database],
            ours["rate"],
            "requests/s",
            {name: other["rate"]},
            ratio=ours["rate"] / other["rate"],
            at_least=least,
        )
    yield Figure(
        SECTION,
        "accept, single: CPU",
        NAMES[stage.database],
        ours["cpu"],
        "ms",
        {"DRF": usual["cpu"], "barest view": barest["cpu"], "p95 (ms)": ours["p95"]},
    )


def _batches(stage: Stage, medians: Mapping[str, dict[str, float]]) -> Iterator[Line]:
    ours, barest, usual = (medians[f"{who}/{BATCH}"] for who in SITES)
    single = medians["ours/0"]["rate"]
    if not ours["rate"]:
        yield Skipped(SECTION, "accept, batches of 100", "there is no send-batch yet")
        return
    for name, other, least in (("single", single, 8.0), ("DRF", usual["rate"], 2.5)):
        yield Figure(
            SECTION,
            f"accept, batches of {BATCH}, against {name}",
            NAMES[stage.database],
            ours["rate"],
            "notifications/s",
            {name: other, "barest view": barest["rate"]},
            ratio=ours["rate"] / other,
            at_least=least,
        )
