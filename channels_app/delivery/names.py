"""Finds the addresses behind host names on threads, each name once at a time.

libcurl's own threads are twenty for all names: one dead name server with a burst of
deliveries behind it would keep every other name waiting.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from channels_app.delivery.addresses import (
    Address,
    AddressPolicy,
    AddressRefusedError,
    NameNotFoundError,
    resolve,
)
from channels_app.delivery.carriage import CarriageFailure
from channels_app.delivery.curl_verdicts import not_sent

FOUND_SECONDS = 60.0
FAILED_SECONDS = 5.0
MAX_LOOKUPS = 128
_MAX_REMEMBERED = 10_000

Waiter = TypeVar("Waiter")


@dataclass(frozen=True)
class Found:
    """The addresses of a name, all of them open; or why it must not be used."""

    addresses: tuple[Address, ...] = ()
    failure: CarriageFailure | None = None
    expires_at: float = 0.0


class Names(Generic[Waiter]):
    """The names that are known, and who waits for one that is not yet.

    All methods belong to one thread. `on_found` is called from others.
    """

    def __init__(self, policy: AddressPolicy, on_found: Callable[[], None]) -> None:
        self._policy = policy
        self._on_found = on_found
        self._known: dict[str, Found] = {}
        self._pending: set[str] = set()
        self._waiting: dict[str, list[tuple[float, Waiter]]] = {}
        self._answers: queue.SimpleQueue[tuple[str, Found]] = queue.SimpleQueue()

    def known(self, host: str) -> Found | None:
        """Return what was found of late, if anything."""
        found = self._known.get(host)
        if found is not None and found.expires_at <= time.monotonic():
            del self._known[host]
            return None
        return found

    def wait_for(self, host: str, waiter: Waiter, seconds: float) -> None:
        """Look a name up; the waiter comes back through `arrivals`."""
        give_up_at = time.monotonic() + seconds
        self._waiting.setdefault(host, []).append((give_up_at, waiter))
        if host in self._pending:
            return
        if len(self._pending) >= MAX_LOOKUPS:
            self._answers.put((host, _failed("too many lookups hang")))
            self._on_found()
            return
        self._pending.add(host)
        threading.Thread(
            target=self._look_up, args=(host,), name="lookup", daemon=True
        ).start()

    def arrivals(self) -> Iterator[tuple[Waiter, Found]]:
        """Yield those whose name was answered, and those who have waited enough."""
        while not self._answers.empty():
            host, found = self._answers.get()
            self._remember(host, found)
            for _give_up_at, waiter in self._waiting.pop(host, ()):
                yield waiter, found
        yield from self._impatient()

    def patience(self) -> float | None:
        """Return how many seconds until somebody has waited enough."""
        if not self._waiting:
            return None
        first = min(at for waiting in self._waiting.values() for at, _waiter in waiting)
        return max(0.0, first - time.monotonic())

    def leave(self) -> list[Waiter]:
        """Send all away who still wait."""
        waiters = [w for waiting in self._waiting.values() for _at, w in waiting]
        self._waiting.clear()
        return waiters

    def _remember(self, host: str, found: Found) -> None:
        self._pending.discard(host)
        if len(self._known) >= _MAX_REMEMBERED:
            self._known.clear()
        self._known[host] = found

    def _impatient(self) -> Iterator[tuple[Waiter, Found]]:
        now = time.monotonic()
        for host, waiting in list(self._waiting.items()):
            self._waiting[host] = [entry for entry in waiting if entry[0] > now]
            if not self._waiting[host]:
                del self._waiting[host]
            for give_up_at, waiter in waiting:
                if give_up_at <= now:
                    yield waiter, _failed(f"no name server answered for {host} in time")

    def _look_up(self, host: str) -> None:
        self._answers.put((host, _find(host, self._policy)))
        self._on_found()


def _find(host: str, policy: AddressPolicy) -> Found:
    try:
        addresses = resolve(host)
        for address in addresses:
            policy.check_address(address)
    except NameNotFoundError as error:
        return _failed(f"could not resolve host {host}: {error}")
    except AddressRefusedError as error:
        detail = f"{host}: {error.reason}"
        return _failed(detail, code=error.code, retryable=False)
    return Found(addresses, None, time.monotonic() + FOUND_SECONDS)


def _failed(detail: str, *, code: str = "dns_failed", retryable: bool = True) -> Found:
    failure = not_sent(code, detail, retryable=retryable)
    return Found((), failure, time.monotonic() + FAILED_SECONDS)
