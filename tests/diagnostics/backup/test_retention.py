"""Which backups stay: 7 daily, 4 weekly, 12 monthly."""

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.backup.retention import to_keep

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def daily(days: int) -> dict[int, datetime]:
    """Return a backup a day, by how many days ago it was made."""
    return {ago: NOON - timedelta(days=ago) for ago in range(days)}


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        ({}, set()),
        (daily(1), {0}),
        (daily(7), set(range(7))),
        # Wednesday: the newest of each of four weeks are today and three Sundays.
        (daily(22), {*range(7), 3, 10, 17}),
        # The newest of October is 25 days ago, of September 56 days ago.
        (daily(60), {*range(7), 10, 17, 25, 56}),
        ({1: NOON, 2: NOON + timedelta(hours=1)}, {2}),
        ({ago: NOON - timedelta(days=400 * ago) for ago in range(3)}, {0, 1, 2}),
    ],
    ids=["none", "one", "a week", "three weeks", "two months", "one day", "pauses"],
)
def test_the_newest_of_each_day_week_and_month_stay(
    made: dict[int, datetime], kept: set[int]
) -> None:
    assert to_keep(made) == kept


def test_after_years_of_daily_backups_as_many_stay_as_are_promised() -> None:
    kept = to_keep(daily(1000))
    assert len(kept) <= 7 + 4 + 12
    assert 0 in kept
    assert max(kept) >= 11 * 28


def test_thinning_out_every_day_keeps_the_same_as_thinning_out_once() -> None:
    made: dict[int, datetime] = {}
    for day in range(400):
        made[day] = NOON + timedelta(days=day)
        kept = to_keep(made)
        made = {name: moment for name, moment in made.items() if name in kept}
    at_once = to_keep({day: NOON + timedelta(days=day) for day in range(400)})
    assert set(made) == at_once


def test_days_are_counted_in_utc() -> None:
    east = datetime(2026, 11, 26, 1, tzinfo=UTC).astimezone()
    assert to_keep({"a": NOON, "b": east}) == {"a", "b"}
