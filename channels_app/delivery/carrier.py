"""The one way out to the network: requests in, answers or failures out."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

import pycurl

from channels_app.delivery.addresses import AddressPolicy
from channels_app.delivery.carriage import (
    CarriageFailure,
    CarriageOutcome,
    Carried,
    Timing,
)
from channels_app.delivery.carriage_errors import CARRIAGE_ERRORS
from channels_app.delivery.curl_verdicts import not_sent
from channels_app.delivery.errands import Errand, Errands
from channels_app.delivery.names import Found, Names
from channels_app.delivery.sockets import KeptConnections
from channels_app.delivery.transfer import Job, MayStart, Transfer, WireOptions
from channels_app.delivery.wire import Wire
from channels_app.senders.contract import OutgoingRequest

__all__ = [
    "CARRIAGE_ERRORS",
    "CarriageFailure",
    "CarriageOutcome",
    "Carried",
    "Carrier",
    "CarrierFullError",
    "CarrierStoppedError",
    "Timing",
    "WireOptions",
    "carry",
]

_STOPPED = "carrier_stopped"
_STOPPED_DETAIL = "the worker stopped"


class CarrierFullError(Exception):
    """Raised when as many requests are under way as the carrier takes."""


class CarrierStoppedError(Exception):
    """Raised when a request is given to a carrier that has stopped."""


class Carrier:
    """Carries hundreds of requests at once on a thread of its own.

    Every submitted ticket comes back once through `results`, whatever happens.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        options: WireOptions | None = None,
        *,
        max_in_flight: int = 512,
    ) -> None:
        self._policy = policy
        self._options = options or WireOptions()
        self.max_in_flight = max_in_flight
        self._lock = threading.Lock()
        self._inbox: deque[Job] = deque()
        self._in_flight = 0
        self._is_wake_pending = False
        self._stop_at: float | None = None
        self._is_closed = False
        self._results: queue.SimpleQueue[list[Carried]] = queue.SimpleQueue()
        self._done: list[Carried] = []
        self._idle: list[Transfer] = []
        self._busy: dict[pycurl.Curl, Transfer] = {}
        self._wire = Wire(max_in_flight)
        self._kept = KeptConnections()
        self._names: Names[Transfer] = Names(policy, self._on_name_found)
        self._errands = Errands(policy, self._bring)
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()

    @property
    def in_flight(self) -> int:
        """How many submitted requests have no result yet."""
        return self._in_flight

    @property
    def is_running(self) -> bool:
        """Whether it takes requests: false once stopped, or if its thread broke down."""
        return self._stop_at is None and not self._is_closed

    def submit(
        self,
        ticket: object,
        request: OutgoingRequest,
        *,
        deadline_seconds: float | None = None,
        before_bytes: MayStart | None = None,
    ) -> None:
        """Start carrying a request; its result comes with `ticket`.

        The deadline can only shorten the carrier's total time limit. Raises
        CarrierFullError or CarrierStoppedError.
        """
        job = Job(ticket, request, deadline_seconds, before_bytes)
        with self._lock:
            if not self.is_running:
                raise CarrierStoppedError
            if self._in_flight >= self.max_in_flight:
                raise CarrierFullError
            self._in_flight += 1
            self._inbox.append(job)
            self._wake()

    def run(self, errand: Errand, seconds: float) -> None:
        """Let a blocking sender send in a thread; its result comes like any other."""
        with self._lock:
            if not self.is_running:
                raise CarrierStoppedError
            if self._in_flight >= self.max_in_flight:
                raise CarrierFullError
            self._in_flight += 1
        self._errands.run(errand, seconds)

    def busy_kinds(self) -> frozenset[str]:
        """Return the kinds of blocking senders that have no thread free now."""
        return self._errands.busy_kinds()

    def free_threads(self, kind: str) -> int:
        """Return how many sends of a blocking kind can start at once."""
        return self._errands.free_threads(kind)

    def results(self, timeout: float | None = None) -> list[Carried]:
        """Return all results that are there, waiting up to `timeout` s for the first.

        None waits for ever.
        """
        self._errands.give_up_overdue()
        found: list[Carried] = []
        try:
            found = self._results.get(timeout=timeout)
            while True:
                found = found + self._results.get_nowait()
        except queue.Empty:
            return found

    def nudge(self) -> None:
        """Let whoever waits for results look up: something else is to be done."""
        self._results.put([])

    def _bring(self, carried: Carried) -> None:
        with self._lock:
            self._in_flight -= 1
        self._results.put([carried])

    def stop(self, grace: float = 0.0) -> None:
        """Take no more; give those under way `grace` seconds; then end them.

        Returns once every ticket has its result.
        """
        with self._lock:
            if self._stop_at is None:
                self._stop_at = time.monotonic() + grace
                self._wake()
        self._errands.stop(grace)
        with self._lock:
            self._wake()
        self._settled.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _wake(self) -> None:
        if not self._is_wake_pending and not self._is_closed:
            self._is_wake_pending = True
            self._wire.wake()

    def _run(self) -> None:
        try:
            while not self._is_over():
                self._turn()
        finally:
            self._settle()
            self._wire.close()

    def _is_over(self) -> bool:
        if self._stop_at is None:
            return False
        return self._in_flight == 0 or time.monotonic() >= self._stop_at

    def _turn(self) -> None:
        for curl, code, message in self._wire.turn(self._patience()):
            self._leave(curl, code, message)
        with self._lock:
            self._is_wake_pending = False
        for transfer, found in self._names.arrivals():
            self._start(transfer, found)
        while self._inbox:
            self._enter(self._inbox.popleft())
        self._hand_over()

    def _patience(self) -> float | None:
        limits = [self._names.patience()]
        if self._stop_at is not None:
            limits.append(max(0.0, self._stop_at - time.monotonic()))
        return min((limit for limit in limits if limit is not None), default=None)

    def _enter(self, job: Job) -> None:
        transfer = self._idle.pop() if self._idle else self._new_transfer()
        refusal = transfer.prepare(job)
        name = transfer.name
        if refusal is not None or name is None:
            self._start(transfer, Found((), refusal))
            return
        found = self._names.known(name)
        if found is None:
            self._names.wait_for(name, transfer, transfer.connect_limit)
        else:
            self._start(transfer, found)

    def _start(self, transfer: Transfer, found: Found) -> None:
        if found.failure is not None:
            self._done.append(transfer.refuse(found.failure))
            self._idle.append(transfer)
            return
        transfer.start_at(found.addresses)
        self._busy[transfer.curl] = transfer
        self._wire.add(transfer.curl)

    def _new_transfer(self) -> Transfer:
        return Transfer(self._policy, self._options, self._kept)

    def _on_name_found(self) -> None:
        with self._lock:
            self._wake()

    def _leave(self, curl: pycurl.Curl, code: int, message: str) -> None:
        transfer = self._busy[curl]
        self._wire.remove(curl)
        if transfer.is_on_ended_connection:
            transfer.start_afresh()
            self._wire.add(curl)
            return
        self._done.append(transfer.finish(code, message))
        del self._busy[curl]
        self._idle.append(transfer)

    def _hand_over(self) -> None:
        if self._done:
            done, self._done = self._done, []
            with self._lock:
                self._in_flight -= len(done)
            self._results.put(done)

    def _settle(self) -> None:
        with self._lock:
            self._is_closed = True
        stopped = not_sent(_STOPPED, _STOPPED_DETAIL)
        self._done += [Carried(job.ticket, None, stopped) for job in self._inbox]
        self._done += [
            transfer.abandon(_STOPPED, _STOPPED_DETAIL)
            for transfer in (*self._busy.values(), *self._names.leave())
        ]
        self._hand_over()
        self._settled.set()
        for curl in self._busy:
            self._wire.remove(curl)


def carry(
    request: OutgoingRequest,
    policy: AddressPolicy,
    options: WireOptions | None = None,
    *,
    ticket: object = None,
    before_bytes: MayStart | None = None,
) -> Carried:
    """Carry one request on a fresh connection and wait for what comes of it."""
    with Carrier(policy, options, max_in_flight=1) as carrier:
        carrier.submit(ticket, request, before_bytes=before_bytes)
        return carrier.results()[0]
