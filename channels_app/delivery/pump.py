"""The pump: claim what is due, keep many sends in flight, write down what came of them.

One thread does all database work, in sets; the carrier's thread does the network.
No transaction is open while a provider is called.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.claims import Claim, claim
from channels_app.delivery.configs_mended import apply_to_configs
from channels_app.delivery.destinations import Destination, destinations
from channels_app.delivery.flights import Flight, Landing
from channels_app.delivery.outcomes import Verdict, refused_before_sending
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recording import record
from channels_app.selectors.switches import held_kinds, is_on

logger = logging.getLogger(__name__)

CLAIM_AT_ONCE = 128
RECORD_AT_ONCE = 200
RECORD_WITHIN = 0.1
POLL = 0.05
DATABASE_PAUSE = 0.5


@dataclass(frozen=True)
class PumpOptions:
    """How long a pump runs. Times are in seconds.

    It claims for `budget`, stops early when nothing was due for `linger`, or at once
    when `is_draining`; what is in flight then still lands. `heartbeat` is called
    about once a second.
    """

    worker: str
    budget: float = 20.0
    linger: float = 2.0
    max_in_flight: int = 512
    is_draining: Callable[[], bool] = lambda: False
    heartbeat: Callable[[], None] = lambda: None


@dataclass
class PumpReport:
    """What one run of a pump did."""

    claimed: int = 0
    recorded: int = 0
    landings: int = 0


@dataclass
class _Clock:
    started: float = field(default_factory=time.monotonic)
    worked: float = field(default_factory=time.monotonic)
    polled: float = float("-inf")
    recorded: float = field(default_factory=time.monotonic)
    beaten: float = field(default_factory=time.monotonic)
    database_back: float = float("-inf")


class Pump:
    """One run: `run()` returns when there is nothing more to do, or no more time."""

    def __init__(self, carrier: Carrier, options: PumpOptions) -> None:
        self._carrier = carrier
        self._options = options
        self._clock = _Clock()
        self._verdicts: list[Verdict] = []
        self._flights = 0
        self._was_full = False
        self._found_nothing = False
        self._report = PumpReport()

    def run(self) -> PumpReport:
        while True:
            self._beat()
            if self._may_claim():
                self._take_off()
            self._land(self._wait())
            self._write_down()
            if self._is_done():
                return self._report

    def _beat(self) -> None:
        if time.monotonic() - self._clock.beaten >= 1.0:
            self._clock.beaten = time.monotonic()
            self._attempt(self._options.heartbeat)

    def _attempt(self, database_work: Callable[[], None]) -> bool:
        """Do database work; when the database is away, pause and try later."""
        try:
            database_work()
        except DatabaseError:
            logger.exception("The database is away; the pump goes on when it is back.")
            self._clock.database_back = time.monotonic() + DATABASE_PAUSE
            return False
        return True

    def _is_over(self) -> bool:
        spent = time.monotonic() - self._clock.started
        return spent >= self._options.budget or self._options.is_draining()

    def _may_claim(self) -> bool:
        now = time.monotonic()
        free = self._options.max_in_flight - self._flights
        return (
            free > 0
            and (now - self._clock.polled >= POLL or self._is_more_due(free))
            and now >= self._clock.database_back
            and not self._is_over()
        )

    def _is_more_due(self, free: int) -> bool:
        return self._was_full and free * 4 >= min(
            self._options.max_in_flight, 4 * CLAIM_AT_ONCE // 2
        )

    def _take_off(self) -> None:
        self._attempt(self._claim_and_start)

    def _claim_and_start(self) -> None:
        claimed_at = time.monotonic()
        self._clock.polled = claimed_at
        self._found_nothing = True
        if not is_on("sending"):
            return
        limit = min(CLAIM_AT_ONCE, self._options.max_in_flight - self._flights)
        claims = claim(
            limit=limit, worker=self._options.worker, held_kinds=held_kinds()
        )
        if not claims:
            self._was_full = False
            return
        self._found_nothing = False
        self._report.claimed += len(claims)
        self._clock.worked = claimed_at
        self._was_full = len(claims) == limit
        self._start(claims, destinations(c.config_id for c in claims), claimed_at)

    def _start(
        self,
        claims: list[Claim],
        configs: Mapping[int, Destination],
        claimed_at: float,
    ) -> None:
        start_before = claimed_at + settings.LEASE_SECONDS - self._deadline() - 1
        for one in claims:
            config = configs.get(one.config_id) if one.config_id else None
            if config is None or config.problem:
                code = config.problem if config else "config_missing"
                detail = config.detail if config else ""
                self._verdicts.append(refused_before_sending(one, code, detail))
            else:
                self._follow(Flight.prepare(one, config, start_before))

    @staticmethod
    def _deadline() -> float:
        return float(settings.SEND_DEADLINE_SECONDS)

    def _follow(self, step: Flight | Verdict) -> None:
        if isinstance(step, Verdict):
            self._verdicts.append(step)
            return
        self._flights += 1
        self._carrier.submit(
            step,
            step.request,
            deadline_seconds=self._deadline(),
            before_bytes=step.may_start,
        )

    def _wait(self) -> list[Landing]:
        """Wait for answers, no longer than until there is something else to do."""
        wait = POLL if self._flights < self._options.max_in_flight else RECORD_WITHIN
        found = self._carrier.results(timeout=wait)
        self._flights -= len(found)
        return [Landing(carried) for carried in found]

    def _land(self, landings: list[Landing]) -> None:
        policy = self._policy()
        for landing in landings:
            self._report.landings += 1
            self._follow(landing.next_step(policy))
        if landings:
            self._clock.worked = time.monotonic()

    @staticmethod
    def _policy() -> RetryPolicy:
        return RetryPolicy(settings.RETRY_SCHEDULE if is_on("retry") else ())

    def _write_down(self) -> None:
        now = time.monotonic()
        is_late = now - self._clock.recorded >= RECORD_WITHIN or not self._flights
        is_full = len(self._verdicts) >= RECORD_AT_ONCE
        if not self._verdicts or not (is_late or is_full):
            return
        if now >= self._clock.database_back and self._attempt(self._record):
            self._clock.recorded = now

    def _record(self) -> None:
        record([verdict.result for verdict in self._verdicts])
        apply_to_configs(self._verdicts)
        self._report.recorded += len(self._verdicts)
        self._verdicts = []

    def _is_done(self) -> bool:
        if self._flights or self._verdicts:
            return self._is_lost()
        idle = time.monotonic() - self._clock.worked
        return self._is_over() or (self._found_nothing and idle >= self._options.linger)

    def _is_lost(self) -> bool:
        """Return whether outcomes have waited for the database past their leases."""
        waited = time.monotonic() - self._clock.recorded
        return not self._flights and waited > settings.LEASE_SECONDS
