"""Waiting for deliveries to settle, asking less and less often."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from notifications_client.answers import Message
from notifications_client.errors import NotSettledError, Problem
from notifications_client.words import say

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 3.0
_GROWTH = 1.5


def wait_until_settled(
    get: Callable[[str], Message], message_ids: Sequence[str], timeout: float
) -> tuple[Message, ...]:
    """Return the messages in the order of their ids. Raises NotSettledError."""
    end = time.monotonic() + timeout
    settled: dict[str, Message] = {}
    pause = _FIRST_PAUSE
    while True:
        for message_id in message_ids:
            if message_id not in settled and (page := get(message_id)).log.is_settled:
                settled[message_id] = page
        left = tuple(item for item in message_ids if item not in settled)
        if not left:
            return tuple(settled[message_id] for message_id in message_ids)
        if time.monotonic() + pause > end:
            raise _not_settled(left, timeout)
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * random.uniform(1, _GROWTH * 2 - 1))


def _not_settled(left: tuple[str, ...], timeout: float) -> NotSettledError:
    shown = ", ".join(left[:5]) + (" …" if len(left) > 5 else "")
    return NotSettledError(
        Problem(
            say("Not settled after {seconds:g} s: {ids}.", seconds=timeout, ids=shown),
            code="not_settled",
            hint=say("`notify explain` says what each waits for."),
        ),
        left,
    )
