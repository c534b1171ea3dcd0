"""The figures of a run: as a table for people, as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

HEADERS = ("what", "on", "figure", "beside it", "ratio", "target")


@dataclass(frozen=True)
class Figure:
    """One measured figure, what was measured beside it, and what it should be.

    `ratio` is what the target is about: `at_least` or `at_most`.
    """

    section: str
    what: str
    database: str
    value: float
    unit: str
    beside: Mapping[str, float] = field(default_factory=dict)
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    runs: Sequence[float] = ()

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        judged = self.value if self.ratio is None else self.ratio
        if self.at_least is not None:
            return judged >= self.at_least
        return None if self.at_most is None else judged <= self.at_most


@dataclass(frozen=True)
class Skipped:
    """What could not be measured here, and why."""

    section: str
    what: str
    reason: str
    is_failure: bool = False


Line = Figure | Skipped


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return float(median(values))


def shown(value: float) -> str:
    """Return a number as a person wants to read it."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(lines: Sequence[Line]) -> str:
    """Return the figures as a Markdown table, then what was skipped."""
    rows = [HEADERS, *(_row(line) for line in lines if isinstance(line, Figure))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADERS))]
    rows.insert(1, tuple("-" * width for width in widths))
    text = [
        "| "
        + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]
    skipped = [line for line in lines if isinstance(line, Skipped)]
    return "\n".join([*text, *(f"skipped: {s.what}: {s.reason}" for s in skipped)])


def _row(figure: Figure) -> tuple[str, ...]:
    beside = ", ".join(f"{name} {shown(v)}" for name, v in figure.beside.items())
    ratio = "" if figure.ratio is None else f"{shown(figure.ratio)} ×"
    return (
        figure.what,
        figure.database,
        f"{shown(figure.value)} {figure.unit}",
        beside,
        ratio,
        _target(figure),
    )


def _target(figure: Figure) -> str:
    if figure.is_met is None:
        return ""
    sign, bound = (
        ("≥", figure.at_least)
        if figure.at_least is not None
        else (
            "≤",
            figure.at_most,
        )
    )
    mark = "reached" if figure.is_met else "MISSED"
    return f"{sign} {shown(bound or 0.0)} {mark}"


def write_json(path: Path, lines: Iterable[Line], about: Mapping[str, object]) -> None:
    """Write everything that was measured."""
    path.parent.mkdir(exist_ok=True)
    figures = []
    for line in lines:
        row = asdict(line)
        if isinstance(line, Figure):
            row["is_met"] = line.is_met
        figures.append(row)
    text = json.dumps({**about, "figures": figures}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n")
