"""The pump: take what is due, keep many sends in flight, write down what came of them.

The carrier's thread does the network. While something is in flight, clerks take and
record beside the pump's own thread, each in sets and on a connection of its own; SQLite
lets one connection write at a time, so there the pump does it itself.
No transaction is open while a provider is called.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.clerk import Clerk
from channels_app.delivery.flights import Flight, Landing, first_step
from channels_app.delivery.late_ends import write_late_ends
from channels_app.delivery.lessons import Lesson
from channels_app.delivery.logbook import RECORD_WITHIN, Logbook
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recalls import Recalls
from channels_app.delivery.shares import Shares
from channels_app.delivery.taking import Taken, Wanted, rate_of, take
from channels_app.models.sql import close_lost_connection, is_postgres
from channels_app.selectors.switches import held_kinds, is_on
from channels_app.senders.registry import BLOCKING_KINDS

logger = logging.getLogger(__name__)

TAKE_AT_ONCE = 128
# So many are taken before they have a place, so that no place waits for the database.
READY = 128
POLL = 0.05
DATABASE_PAUSE = 0.5
# So long at its start a pump tries one after the other what may crash it.
QUARANTINE = 5.0


@dataclass(frozen=True)
class PumpOptions:
    """How long a pump runs. Times are in seconds.

    It takes work for `budget`, stops early when nothing was due for `linger`, or at
    once when `is_draining`; what is in flight then still lands. `heartbeat` is called
    about once a second. `max_in_flight` counts what has not been under way for long.
    """

    worker: str
    budget: float = 20.0
    linger: float = 2.0
    max_in_flight: int = 512
    largest_share: float = 0.25
    is_draining: Callable[[], bool] = lambda: False
    heartbeat: Callable[[], None] = lambda: None


@dataclass
class PumpReport:
    """What one run of a pump did."""

    claimed: int = 0
    recorded: int = 0


@dataclass
class _Clock:
    started: float = field(default_factory=time.monotonic)
    worked: float = field(default_factory=time.monotonic)
    polled: float = float("-inf")
    beaten: float = field(default_factory=time.monotonic)
    database_back: float = float("-inf")


@dataclass(frozen=True)
class _Taking:
    """What a clerk is taking. `since`: when it began, so that no lease looks longer."""

    taken: Future[Taken]
    since: float


class Pump:
    """One run: `run()` returns when there is nothing more to do, or no more time."""

    def __init__(self, carrier: Carrier, options: PumpOptions) -> None:
        self._carrier = carrier
        self._options = options
        self._clock = _Clock()
        self._taker = Clerk()
        self._taking: _Taking | None = None
        self._scribe = Clerk()
        self._logbook = Logbook(self._scribe, on_written=carrier.nudge)
        self._shares = Shares(_largest_share(options))
        self._recalls = Recalls()
        self._flights = 0
        self._ready: deque[Flight] = deque()
        self._was_full = False
        self._found_nothing = False
        self._has_suspect = False
        self._claimed = 0

    def run(self) -> PumpReport:
        with self._taker, self._scribe:
            while not self._is_done():
                self._turn()
        return PumpReport(self._claimed, self._logbook.written)

    def _turn(self) -> None:
        self._beat()
        self._with_database(self._collect)
        recalls = self._recalls
        self._with_database(recalls.look if self._is_flying else recalls.forget)
        if self._may_take():
            self._with_database(self._take)
        self._take_off()
        self._land(self._wait())
        self._take_off()
        self._with_database(self._write_down)
        self._with_database(partial(write_late_ends, _policy))

    def _write_down(self) -> None:
        nothing = not self._is_flying
        self._logbook.collect(is_waited_for=nothing)
        if self._logbook.is_due(nothing_in_flight=nothing):
            self._logbook.write(nothing_in_flight=nothing)

    def _beat(self) -> None:
        if time.monotonic() - self._clock.beaten >= 1.0:
            self._clock.beaten = time.monotonic()
            self._with_database(self._options.heartbeat)

    def _with_database(self, work: Callable[[], None]) -> None:
        """Do database work; when it fails, pause and try later."""
        if time.monotonic() < self._clock.database_back:
            return
        try:
            work()
        except (DatabaseError, InterfaceError) as error:
            close_lost_connection()
            logger.exception(
                "A database step of the pump failed (%s); it is tried again.",
                type(error).__name__,
            )
            self._clock.database_back = time.monotonic() + DATABASE_PAUSE

    def _age(self) -> float:
        return time.monotonic() - self._clock.started

    def _is_over(self) -> bool:
        return self._age() >= self._options.budget or self._options.is_draining()

    @property
    def _is_flying(self) -> bool:
        return bool(self._flights or self._ready)

    def _free_places(self) -> int:
        room = self._carrier.max_in_flight - self._flights
        return min(self._options.max_in_flight - self._shares.young_count(), room)

    def _takeable(self) -> int:
        """Return how many more may be taken: for a place, or to stand ready for one."""
        ahead = min(READY, self._options.max_in_flight // 4)
        return self._free_places() + ahead - len(self._ready)

    def _may_take(self) -> bool:
        free = self._takeable()
        is_time = time.monotonic() - self._clock.polled >= POLL
        most = min(self._options.max_in_flight, TAKE_AT_ONCE)
        is_more_due = self._was_full and free >= (most + 1) // 2
        if self._taking or free <= 0 or not (is_time or is_more_due):
            return False
        is_quarantined = self._has_suspect and self._is_flying
        return not is_quarantined and not self._is_over()

    def _take(self) -> None:
        """Take what is due, or let the clerk take it while others are in flight."""
        taken_at = self._clock.polled = time.monotonic()
        # What is in flight may hold the places of what is left.
        self._found_nothing = not self._is_flying
        if not is_on("sending"):
            self._was_full = False
            return
        take_these = partial(take, self._wanted())
        if self._is_flying and is_postgres():
            taken = self._taker.do(take_these)
            self._taking = _Taking(taken, taken_at)
            taken.add_done_callback(lambda _taken: self._carrier.nudge())
        else:
            self._start(take_these(), taken_at)

    def _collect(self) -> None:
        """Start what the clerk has taken."""
        taking = self._taking
        if taking is None or (self._is_flying and not taking.taken.done()):
            return
        self._taking = None
        self._start(taking.taken.result(), taking.since)

    def _wanted(self) -> Wanted:
        return Wanted(
            limit=min(TAKE_AT_ONCE, self._takeable()),
            worker=self._options.worker,
            held_kinds=held_kinds() | self._carrier.busy_kinds(),
            full_destinations=self._shares.full(),
            is_alone=not self._is_flying and self._age() < QUARANTINE,
            free_places=self._shares.free_places,
            free_threads=self._free_threads().__getitem__,
        )

    def _free_threads(self) -> Mapping[str, int]:
        ready = Counter(flight.claim.channel_type for flight in self._ready)
        return {
            kind: self._carrier.free_threads(kind) - ready[kind]
            for kind in BLOCKING_KINDS
        }

    def _start(self, taken: Taken, taken_at: float) -> None:
        self._was_full, self._has_suspect = taken.was_full, taken.is_suspect
        self._found_nothing &= not taken.claims and not taken.was_full
        self._logbook.failing |= taken.breakers.keys()
        if taken.claims:
            self._claimed += len(taken.claims)
            self._clock.worked = taken_at
        longest = settings.LEASE_SECONDS - settings.SEND_DEADLINE_SECONDS - 1
        for claim in taken.claims:
            until = taken_at + min(longest, claim.time_left)
            step = first_step(claim, taken.configs, until, self._recalls)
            if isinstance(step, Verdict):
                self._logbook.add(Lesson(step, claim))
            else:
                self._shares.book(claim.destination)
                self._recalls.watch(claim, step.config_read)
                self._ready.append(step)

    def _take_off(self) -> None:
        """Let what stands ready take the places that are free."""
        for _ in range(min(self._free_places(), len(self._ready))):
            flight = self._ready.popleft()
            self._shares.take_off(flight.claim.id)
            self._carry(flight)

    def _carry(self, flight: Flight) -> None:
        self._flights += 1
        flight.take_off(self._carrier, float(settings.SEND_DEADLINE_SECONDS))

    def _wait(self) -> list[Landing]:
        """Wait for answers, no longer than until there is something else to do."""
        wait = POLL if self._free_places() > 0 else RECORD_WITHIN
        found = self._carrier.results(timeout=wait)
        self._flights -= len(found)
        return [Landing.of(carried) for carried in found]

    def _land(self, landings: list[Landing]) -> None:
        if not landings:
            return
        policy = _policy()
        self._clock.worked = time.monotonic()
        for landing in landings:
            step = landing.next_step(policy)
            if isinstance(step, Flight):
                self._carry(step)
            else:
                self._settle(landing, step)

    def _settle(self, landing: Landing, verdict: Verdict) -> None:
        claim = landing.flight.claim
        was_answered = landing.carried.was_answered
        self._recalls.release(claim)
        self._shares.land(claim.id, claim.destination, was_answered=was_answered)
        rate = rate_of(claim.channel_type, landing.flight.config)
        self._logbook.add(Lesson(verdict, claim, rate))

    def _is_done(self) -> bool:
        if self._is_flying or self._taking:
            return False
        if len(self._logbook):
            return self._logbook.is_hopeless()
        idle = time.monotonic() - self._clock.worked
        is_idle = self._found_nothing and idle >= self._options.linger
        return self._is_over() or is_idle


def _largest_share(options: PumpOptions) -> int:
    return max(1, int(options.max_in_flight * options.largest_share))


def _policy() -> RetryPolicy:
    return RetryPolicy(settings.RETRY_SCHEDULE if is_on("retry") else ())
