"""Named points at which a test may end this process, as a power cut would.

In production nothing names a point, and `crash_at` does nothing.
"""

import os

VARIABLE = "NOTIFICATIONS_CRASH_AT"
EXIT_STATUS = 137
_CHOSEN = os.environ.get(VARIABLE)


def crash_at(point: str) -> None:
    """End this process now if the environment names this point."""
    if point == _CHOSEN:
        os._exit(EXIT_STATUS)
