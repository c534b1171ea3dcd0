"""Asking something that may hang, without hanging."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connection

T = TypeVar("T")

# Questions that still hang; beyond so many, no more threads are spent on new ones.
_MOST_AT_ONCE = 8
_places = threading.BoundedSemaphore(_MOST_AT_ONCE)


@dataclass(frozen=True)
class Reply(Generic[T]):
    """An answer with how long it took, or why there is none."""

    value: T | None
    latency_ms: float
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return not self.problem


def ask(question: Callable[[], T], *, seconds: float) -> Reply[T]:
    """Return what `question` returns, or what kept it from answering in time.

    It is asked on a thread with a database connection of its own, so a database that
    swallows every packet costs the caller `seconds` at most.
    """
    started = time.perf_counter()
    if not _places.acquire(blocking=False):
        return Reply(None, 0.0, "earlier questions have not been answered yet")
    replies: list[Reply[T]] = []

    def run() -> None:
        try:
            replies.append(_answered(question, started))
        finally:
            connection.close()
            _places.release()

    thread = threading.Thread(target=run, daemon=True, name="health")
    thread.start()
    thread.join(seconds)
    if replies:
        return replies[0]
    return Reply(None, _since(started), f"no answer within {seconds:g} s")


def _answered(question: Callable[[], T], started: float) -> Reply[T]:
    try:
        value = question()
    except Exception as error:  # noqa: BLE001 - the failure is the answer here
        return Reply(None, _since(started), f"{type(error).__name__}")
    return Reply(value, _since(started))


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
