"""Destination limits: who may send now, and who gets which slot (GCRA).

A destination's row in `rate_limits` holds one time: when everything taken so far is
earned back. Reserving moves it on by what is taken, so that slots never overlap,
whatever number of pumps asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from channels_app.models.sql import (
    Column,
    as_parameter,
    greatest,
    rows_of,
    unix_now,
)
from channels_app.selectors.waiting import DESTINATION as PREFIX

RESERVE_COLUMNS = (Column("name", "text"), Column("seconds", "real"))


@dataclass(frozen=True)
class Rate:
    """One send every `interval` seconds, and `burst` sends at once after a pause."""

    interval: float
    burst: int = 1

    @property
    def tolerance(self) -> float:
        return self.interval * max(self.burst - 1, 0)


@dataclass(frozen=True)
class Wish:
    """So many sends to one destination."""

    destination: str
    rate: Rate
    count: int


def waits(owed: float, wish: Wish) -> list[float]:
    """Return the wait of each wished send in seconds; 0 means now.

    `owed` is how far the destination's time is ahead after the reservation.
    """
    first = owed - wish.count * wish.rate.interval - wish.rate.tolerance
    return [max(0.0, first + n * wish.rate.interval) for n in range(wish.count)]


def reserve(wishes: Iterable[Wish]) -> Mapping[str, list[float]]:
    """Reserve slots for all wishes in one statement; return each one's waits."""
    by_name = {PREFIX + wish.destination: wish for wish in wishes}
    if not by_name:
        return {}
    # In the order of names, so that two pumps never lock each other out.
    rows = [
        {"name": name, "seconds": by_name[name].count * by_name[name].rate.interval}
        for name in sorted(by_name)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_reserve_sql(), [as_parameter(rows)])
        return {
            by_name[name].destination: waits(float(owed), by_name[name])
            for name, owed in cursor.fetchall()
        }


def _reserve_sql() -> str:
    base = greatest("rate_limits.until", unix_now())
    taken = f"excluded.until - {unix_now()}"
    return f"""
        INSERT INTO rate_limits (name, until, used)
        SELECT r.name, {unix_now()} + r.seconds, 0 FROM {rows_of(RESERVE_COLUMNS)}
        WHERE TRUE ORDER BY r.name
        ON CONFLICT (name) DO UPDATE SET until = {base} + ({taken})
        RETURNING name, until - {unix_now()}"""


def hold(destination: str, seconds: float, rate: Rate | None) -> None:
    """Let nothing go to a destination for so long, as its provider asked."""
    tolerance = rate.tolerance if rate else 0.0
    until = greatest("rate_limits.until", "excluded.until")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO rate_limits (name, until, used)"
            f" VALUES (%s, {unix_now()} + %s, 0)"
            f" ON CONFLICT (name) DO UPDATE SET until = {until}",
            [PREFIX + destination, seconds + tolerance],
        )


def held(destinations: Iterable[str]) -> Mapping[str, float]:
    """Return the seconds for which destinations without a rate are still held."""
    names = [PREFIX + destination for destination in destinations]
    if not names:
        return {}
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, until - {unix_now()} FROM rate_limits"
            f" WHERE until > {unix_now()} AND name IN ({marks})",
            names,
        )
        return {name.removeprefix(PREFIX): float(s) for name, s in cursor.fetchall()}
