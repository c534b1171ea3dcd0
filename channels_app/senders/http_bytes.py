"""Whether this thread has written anything over HTTP, whatever library does it.

Python's HTTP client reports what it is about to write to audit hooks, and only once it
has a connection; a failure before that wrote nothing.
"""

from __future__ import annotations

import sys
import threading
from functools import cache


class _Seen(threading.local):
    writes: int = 0


_SEEN = _Seen()


def http_writes() -> int:
    """Return how often this thread has written over HTTP since the first call."""
    _install()
    return _SEEN.writes


@cache
def _install() -> None:
    sys.addaudithook(_watch)


def _watch(event: str, _details: tuple[object, ...]) -> None:
    if event == "http.client.send":
        _SEEN.writes += 1
