"""Small line charts: a figure over time as the points of an SVG polyline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

WIDTH, HEIGHT, MARGIN = 160.0, 36.0, 2.0
# So few points make no line.
FEWEST = 2


@dataclass(frozen=True)
class Chart:
    """One figure's line, and between which values it runs."""

    points: str
    lowest: float
    highest: float

    @property
    def span(self) -> str:
        """Say it in words, for those who do not see it."""
        bounds = {"low": f"{self.lowest:g}", "high": f"{self.highest:g}"}
        return _("between %(low)s and %(high)s") % bounds


def chart(values: Sequence[float]) -> Chart | None:
    """Return the chart of values, the oldest first; None where they make no line."""
    if len(values) < FEWEST:
        return None
    lowest, highest = min(values), max(values)
    return Chart(_points(values, lowest, highest), lowest, highest)


def _points(values: Sequence[float], lowest: float, highest: float) -> str:
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    span = (highest - lowest) or 1.0
    room = HEIGHT - 2 * MARGIN
    return " ".join(
        f"{MARGIN + number * step:.1f},{HEIGHT - MARGIN - room * (v - lowest) / span:.1f}"
        for number, v in enumerate(values)
    )
