"""Processes whose clock is wrong, by libfaketime; CI installs it."""

import time
from pathlib import Path

import pytest

SLEEPS_STILL = Path(__file__).parent / "wrong_clock"
LIBRARY = "*/faketime/libfaketimeMT.so.1"


def wrong_clock(hours: int) -> dict[str, str]:
    """Return the variables that put a process's clock wrong.

    The monotonic clock stays, as it does when a machine's time of day is wrong, and
    so do the times of files, which every process of a machine sees alike.
    """
    found = sorted(Path("/usr/lib").glob(LIBRARY))
    if not found:
        pytest.skip("libfaketime: not installed (apt-get install libfaketime)")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": f"{hours:+d}h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(SLEEPS_STILL),
    }


def stamp(hours: int) -> str:
    """Return the milliseconds of a clock that is so many hours off."""
    return str(time.time_ns() // 1_000_000 + hours * 3_600_000)
