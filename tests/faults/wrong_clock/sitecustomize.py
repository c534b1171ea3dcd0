"""Lets Python sleep under libfaketime; read by every process with a wrong clock.

CPython sleeps until a moment of the monotonic clock. libfaketime 0.9.10 turns that
moment by the offset of the other clock, and the kernel refuses what comes out.
"""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex, /) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep
