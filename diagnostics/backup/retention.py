"""Which backups stay: of each of the last days, weeks and months the newest one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

DAILY, WEEKLY, MONTHLY = 7, 4, 12

Name = TypeVar("Name")


def to_keep(made: Mapping[Name, datetime]) -> set[Name]:
    """Return the backups to keep: 7 daily, 4 weekly, 12 monthly, counted in UTC.

    Days on which none was made are not counted, so a long pause costs none.
    """
    newest_first = sorted(made, key=lambda name: made[name], reverse=True)
    kept: set[Name] = set()
    for period, count in ((_day, DAILY), (_week, WEEKLY), (_month, MONTHLY)):
        seen: dict[Hashable, Name] = {}
        for name in newest_first:
            seen.setdefault(period(made[name].astimezone(UTC)), name)
        kept.update(list(seen.values())[:count])
    return kept


Period = Callable[[datetime], Hashable]


def _day(moment: datetime) -> Hashable:
    return moment.date()


def _week(moment: datetime) -> Hashable:
    return tuple(moment.isocalendar())[:2]


def _month(moment: datetime) -> Hashable:
    return (moment.year, moment.month)
