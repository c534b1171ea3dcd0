"""The ids that every log line of the present work carries: request, message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CONTEXT: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)


def context_ids() -> dict[str, str]:
    """Return the ids of the work that this thread is doing."""
    return _CONTEXT.get() or {}


@contextmanager
def logged_with(**ids: str) -> Iterator[None]:
    """Put ids on every log line until the block ends."""
    token = _CONTEXT.set({**context_ids(), **ids})
    try:
        yield
    finally:
        _CONTEXT.reset(token)
