"""Ends of blocking sends that came after the send had been given up.

The sending thread leaves them here, for it touches no database; a pump of this process
writes them down, the one that is running or the next.
"""

from __future__ import annotations

import logging
from collections import deque

from channels_app.delivery.carriage import CarriageOutcome, Carried

logger = logging.getLogger(__name__)

# Where nobody takes them, the oldest are lost first: their rows say "unknown" already.
MOST = 1000
_ENDS: deque[Carried] = deque(maxlen=MOST)


def leave(carried: Carried) -> None:
    """Keep a late end, if it says more than that nobody knows."""
    failure = carried.failure
    if failure is None or failure.outcome is not CarriageOutcome.UNKNOWN:
        if len(_ENDS) == MOST:
            logger.warning("%d late ends wait already; the oldest is dropped.", MOST)
        _ENDS.append(carried)


def late_ends() -> list[Carried]:
    """Take what is there."""
    return [_ENDS.popleft() for _ in range(len(_ENDS))]
