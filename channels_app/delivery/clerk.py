"""Database work beside the pump: a thread with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from channels_app.models.sql import close_lost_connection

T = TypeVar("T")


class Clerk:
    """Does one piece of database work after the other.

    Thread and connection exist from the first piece until the block ends.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    def do(self, work: Callable[[], T]) -> Future[T]:
        """Begin database work; the future has its result or its error."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        return self._thread.submit(_done, work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._thread.submit(_leave)
            self._thread.shutdown()
            self._thread = None


def _done(work: Callable[[], T]) -> T:
    try:
        return work()
    except (DatabaseError, InterfaceError):
        close_lost_connection()
        raise


def _leave() -> None:
    connection.close()
