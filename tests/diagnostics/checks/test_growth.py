"""When the room runs out is told from at least a day of figures, by a straight line."""

from datetime import UTC, datetime, timedelta

import pytest

from channels_app.selectors.disk import DiskState
from diagnostics.checks.growth import FEWEST_POINTS, days_left, look_at_growth, per_day

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)


def hourly(*values: float) -> list[tuple[datetime, float]]:
    return [(BEGIN + timedelta(hours=n), value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("points", "growth"),
    [
        ([], None),
        (hourly(*range(24)), None),
        (hourly(*range(25)), 24.0),
        (hourly(*(100.0 - hour for hour in range(49))), -24.0),
        (hourly(*[7.0] * 30), 0.0),
        (
            [(BEGIN + timedelta(days=2 * n), 5.0) for n in range(FEWEST_POINTS - 1)],
            None,
        ),
    ],
)
def test_growth_a_day(
    points: list[tuple[datetime, float]], growth: float | None
) -> None:
    found = per_day(points)
    assert found == (growth if growth is None else pytest.approx(growth))


def test_a_daily_backup_that_comes_and_goes_is_no_growth() -> None:
    sawtooth = hourly(*(1000.0 - 300 * (hour % 24 < 2) for hour in range(7 * 24)))
    growth = per_day(sawtooth)
    assert growth is not None
    assert abs(growth) < 10


@pytest.mark.parametrize(
    ("free", "fall", "growth", "days"),
    [
        (1100, 100.0, 0.0, 10.0),
        (1100, 50.0, 100.0, 10.0),
        (1100, -50.0, 0.0, None),
        (50, 10.0, 0.0, 0.0),
        (None, 10.0, 0.0, None),
    ],
)
def test_days_until_nothing_is_accepted(
    free: int | None, fall: float, growth: float, days: float | None
) -> None:
    assert days_left(DiskState(free, 100), fall, growth) == days


@pytest.mark.django_db
def test_a_young_installation_is_told_nothing() -> None:
    assert list(look_at_growth()) == []
