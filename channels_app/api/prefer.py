"""`Prefer: wait=N`: an answer that is held back until its sends have settled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from channels_app.selectors.settlements import DeliveryState
from channels_app.services.awaiting import place_to_wait, settled_states

LONGEST_WAIT_SECONDS = 10
_WAIT = re.compile(r'\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(;.*)?', re.IGNORECASE)
_ERRORS = ("error", "code")

Results = Sequence[Mapping[str, Any]]


def wanted_wait(request: HttpRequest) -> int:
    """Return the seconds that a caller prefers to wait, at most 10; 0: not at all.

    What is not a preference that we know is passed over, as RFC 7240 wants it.
    """
    for preference in request.META.get("HTTP_PREFER", "").split(","):
        if found := _WAIT.fullmatch(preference):
            return min(int(found[1]), LONGEST_WAIT_SECONDS)
    return 0


@dataclass(frozen=True)
class Held:
    """Results, held back or not, and the headers that say which."""

    groups: Sequence[Results]
    headers: Mapping[str, str] = field(default_factory=dict)


def held_results(request: HttpRequest, groups: Sequence[Results]) -> Held:
    """Return results as they are once settled, if the caller prefers to wait.

    While too many answers are held back already, it is given at once.
    """
    seconds = wanted_wait(request)
    if not seconds:
        return Held(groups)
    with place_to_wait() as may_wait:
        if not may_wait:
            return Held(groups)
        states = settled_states(_message_ids(groups), seconds)
    now = [[_settled(result, states) for result in results] for results in groups]
    return Held(now, {"Preference-Applied": f"wait={seconds}"})


def _message_ids(groups: Iterable[Results]) -> set[str]:
    return {result["message_id"] for results in groups for result in results}


def _settled(
    result: Mapping[str, Any], states: Mapping[str, DeliveryState]
) -> dict[str, Any]:
    state = states.get(result["message_id"])
    if state is None:
        return dict(result)
    known = {name: result[name] for name in result if name not in _ERRORS}
    known["status"] = state.status
    if state.error_code:
        known |= {"error": state.error, "code": state.error_code}
    return known
