"""Rendering: our engine beside plain Jinja2 on the same text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.machine import TESTED
from bench.options import Options
from bench.report import Figure, Line, middle
from bench.stage import Stage

SECTION = "rendering"
MOST_TIMES_JINJA = 2.0

Times = Sequence[Mapping[str, float]]


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    found = [stage.job("render.both", core=TESTED) for _n in range(options.runs)]
    for kind in ("plain", "loop"):
        times = [one[kind] for one in found]
        yield _figure(f"render a {kind} text", times, "", MOST_TIMES_JINJA)
        yield _figure(
            f"compile and first render, {kind} text", times, "_first", MOST_TIMES_JINJA
        )


def _figure(what: str, times: Times, ending: str, at_most: float) -> Line:
    ours = middle(one[f"ours{ending}"] for one in times)
    jinja = middle(one[f"jinja{ending}"] for one in times)
    return Figure(
        SECTION,
        what,
        "",
        ours,
        "µs",
        {"Jinja2": jinja},
        ratio=ours / jinja,
        at_most=at_most,
    )
