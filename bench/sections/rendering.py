"""Rendering: our engine beside plain Jinja2 on the same text."""

from __future__ import annotations

from collections.abc import Iterator

from bench.machine import TESTED
from bench.options import Options
from bench.report import Figure, Line, middle
from bench.stage import Stage

SECTION = "rendering"


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    found = [stage.job("render.both", core=TESTED) for _n in range(options.runs)]
    for kind in ("plain", "loop"):
        ours = middle(one[kind]["ours"] for one in found)
        jinja = middle(one[kind]["jinja"] for one in found)
        yield Figure(
            SECTION,
            f"render a {kind} text",
            "",
            ours,
            "µs",
            {"Jinja2": jinja},
            ratio=ours / jinja,
        )
