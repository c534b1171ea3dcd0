"""Sends of blocking senders: each in a thread, so many at once for each kind.

A thread lives for as long as its kind has something to send; none survives idle, so
that none is lost in a fork. The threads touch no database.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from channels_app.delivery.addresses import AddressPolicy, AddressRefusedError
from channels_app.delivery.carriage import CarriageFailure, Carried, Timing
from channels_app.delivery.curl_verdicts import not_sent, unknown
from channels_app.delivery.guard import guarded
from channels_app.delivery.late_inbox import leave
from channels_app.senders.contract import (
    BlockingSender,
    ConfigData,
    Message,
    NotSentError,
    Receipt,
    SendError,
    UnknownOutcomeError,
)

logger = logging.getLogger(__name__)

THREADS_OF_A_KIND = 16
# A send that ends by its own time limit says more than one that was given up.
OVERRUN = 1.0


@dataclass(frozen=True)
class Errand:
    """One message for a blocking sender; its result comes with `ticket`."""

    ticket: object
    sender: BlockingSender
    config: ConfigData = field(repr=False)
    message: Message = field(repr=False)
    may_start: Callable[[], bool]


@dataclass(eq=False)
class _Run:
    errand: Errand
    seconds: float
    started: float | None = None

    @property
    def kind(self) -> str:
        return self.errand.sender.kind

    def is_overdue(self, now: float) -> bool:
        return self.started is not None and now > self.started + self.seconds + OVERRUN

    def spent(self) -> float:
        return 0.0 if self.started is None else time.monotonic() - self.started


class Errands:
    """All blocking sends of one carrier. Each errand has exactly one result."""

    def __init__(self, policy: AddressPolicy, bring: Callable[[Carried], None]) -> None:
        self._policy = policy
        self._bring = bring
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[_Run]] = {}
        self._threads: dict[str, int] = {}
        self._open: set[_Run] = set()

    def run(self, errand: Errand, seconds: float) -> None:
        """Send in a thread, as soon as one of this kind's is free."""
        run = _Run(errand, seconds)
        with self._changed:
            self._open.add(run)
            self._waiting.setdefault(run.kind, deque()).append(run)
            if self._threads.get(run.kind, 0) >= THREADS_OF_A_KIND:
                return
            self._threads[run.kind] = self._threads.get(run.kind, 0) + 1
        threading.Thread(
            target=self._work, args=(run.kind,), name=f"send-{run.kind}", daemon=True
        ).start()

    def busy_kinds(self) -> frozenset[str]:
        """Return the kinds whose threads all have work."""
        with self._changed:
            return frozenset(
                kind for kind, n in self._threads.items() if n >= THREADS_OF_A_KIND
            )

    def free_threads(self, kind: str) -> int:
        """Return how many sends of a kind can start at once."""
        with self._changed:
            taken = self._threads.get(kind, 0) + len(self._waiting.get(kind, ()))
        return max(0, THREADS_OF_A_KIND - taken)

    def give_up_overdue(self) -> None:
        """Answer for sends that did not end in time: nobody knows their outcome."""
        if not self._open:
            return
        now = time.monotonic()
        with self._changed:
            overdue = [run for run in self._open if run.is_overdue(now)]
        for run in overdue:
            detail = f"the send did not end within {run.seconds:g} s"
            self._tell(run, failure=unknown("response_timeout", detail))

    def stop(self, grace: float) -> None:
        """Start no more; give those under way `grace` seconds, then answer for them."""
        with self._changed:
            idle = [run for queue in self._waiting.values() for run in queue]
            self._waiting.clear()
        for run in idle:
            self._tell(run, failure=not_sent("carrier_stopped", "the worker stopped"))
        with self._changed:
            self._changed.wait_for(lambda: not self._open, timeout=grace)
            rest = list(self._open)
        for run in rest:
            self._tell(run, failure=unknown("carrier_stopped", "the worker stopped"))

    def _work(self, kind: str) -> None:
        while run := self._next(kind):
            self._send(run)

    def _next(self, kind: str) -> _Run | None:
        with self._changed:
            if queue := self._waiting.get(kind):
                run = queue.popleft()
                run.started = time.monotonic()
                return run
            self._threads[kind] -= 1
            return None

    def _send(self, run: _Run) -> None:
        if not run.errand.may_start():
            self._tell(run, failure=not_sent("withdrawn", "too late to start"))
            return
        errand = run.errand
        guard = (
            guarded(self._policy)
            if errand.sender.goes_where_config_says
            else contextlib.nullcontext()
        )
        try:
            with guard:
                said = errand.sender.send(
                    errand.config, errand.message, seconds=run.seconds
                )
        except Exception as error:  # noqa: BLE001 - the border of this thread
            self._tell_error(run, error)
        else:
            self._tell(run, said=said)

    def _tell_error(self, run: _Run, error: Exception) -> None:
        if isinstance(error, AddressRefusedError):
            failure = not_sent("address_refused", str(error.reason), retryable=False)
            self._tell(run, failure=failure)
        elif isinstance(error, NotSentError):
            self._tell(run, failure=not_sent(error.code, error.detail))
        elif isinstance(error, UnknownOutcomeError):
            self._tell(run, failure=unknown(error.code, error.detail))
        elif isinstance(error, SendError):
            self._tell(run, said=error)
        else:
            # The error may quote the config, so only its name and place are told.
            logger.error("A %s sender broke: %s", run.kind, type(error).__name__)
            self._tell(run, failure=unknown("send_broke", type(error).__name__))

    def _tell(
        self,
        run: _Run,
        *,
        said: Receipt | SendError | None = None,
        failure: CarriageFailure | None = None,
    ) -> None:
        with self._changed:
            is_late = run not in self._open
            self._open.discard(run)
            self._changed.notify_all()
        timing = Timing(total=run.spent())
        carried = Carried(run.errand.ticket, None, failure, timing, said=said)
        if is_late:
            end = said if isinstance(said, SendError) else failure
            how = end.code if end else "sent"
            message_id = run.errand.message.message_id
            logger.warning("%s ended late: %s, %s.", message_id, run.kind, how)
            leave(carried)
            return
        self._bring(carried)
