"""Waiting for a condition, with a limit that only a failure reaches."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """Return the condition's first true value; fail, saying what was awaited.

    What is long in coming is looked for less often: many tests wait at a time.
    """
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < seconds:
        if value := condition():
            return value
        time.sleep(min(0.2, max(0.02, waited / 100)))
    raise AssertionError(f"waited {seconds:.0f} s in vain until {what}")
