"""How many sends one destination may have in flight, so that none takes all places.

A destination starts with a few places, gets more with each success, and falls back
to a few when its sends end without an answer. What hangs for longer than
`SLOW_SECONDS` no longer counts against the pump: it costs memory, not a place.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

FIRST_PLACES = 8
SLOW_SECONDS = 2.0
# So many destinations at their limit are named to the database to be left out.
MOST_NAMED = 200
MOST_REMEMBERED = 50_000


class Shares:
    """The flights of one pump by destination, and what each may have."""

    def __init__(
        self, largest: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._largest = largest
        self._clock = clock
        self._flying: dict[str, int] = {}
        self._allowed: dict[str, int] = {}
        self._young: OrderedDict[int, float] = OrderedDict()

    def free_places(self, destination: str) -> int:
        """Return how many more sends may go to a destination now."""
        if not destination:
            return self._largest
        allowed = self._allowed.get(destination, FIRST_PLACES)
        return max(0, min(allowed, self._largest) - self._flying.get(destination, 0))

    def full(self) -> list[str]:
        """Return destinations that have no place left; at most MOST_NAMED."""
        found = [name for name in self._flying if not self.free_places(name)]
        return found[:MOST_NAMED]

    def book(self, destination: str) -> None:
        """Note that a flight to a destination will take off soon."""
        self._flying[destination] = self._flying.get(destination, 0) + 1

    def take_off(self, flight: int) -> None:
        """Note that a booked flight (by a number that no other has now) began."""
        self._young[flight] = self._clock()

    def land(self, flight: int, destination: str, *, was_answered: bool) -> None:
        """Note that a flight ended, with an answer or without."""
        self._young.pop(flight, None)
        self._flying[destination] -= 1
        if not self._flying[destination]:
            del self._flying[destination]
        if len(self._allowed) > MOST_REMEMBERED:
            self._allowed.clear()
        if was_answered:
            allowed = self._allowed.get(destination, FIRST_PLACES)
            self._allowed[destination] = min(allowed * 2, self._largest)
        else:
            self._allowed[destination] = FIRST_PLACES

    def young_count(self) -> int:
        """Return how many flights take a place of the pump."""
        now = self._clock()
        while self._young:
            flight, since = next(iter(self._young.items()))
            if now - since < SLOW_SECONDS:
                break
            del self._young[flight]
        return len(self._young)
