"""The ids that every log line of the present work carries: request, message, task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CONTEXT: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)
_OF_THE_PROCESS: dict[str, str] = {}


def context_ids() -> dict[str, str]:
    """Return the ids of the work that this process, and this thread, is doing."""
    return {**_OF_THE_PROCESS, **(_CONTEXT.get() or {})}


@contextmanager
def whole_process_logged_with(**ids: str) -> Iterator[None]:
    """Put ids on every log line of all threads until the block ends."""
    _OF_THE_PROCESS.update(ids)
    try:
        yield
    finally:
        for name in ids:
            _OF_THE_PROCESS.pop(name, None)


@contextmanager
def logged_with(**ids: str) -> Iterator[None]:
    """Put ids on every log line until the block ends."""
    token = _CONTEXT.set({**context_ids(), **ids})
    try:
        yield
    finally:
        _CONTEXT.reset(token)
