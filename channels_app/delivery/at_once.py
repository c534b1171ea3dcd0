"""A message carried at once, by whoever waits for it: a test, or a doctor's question."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from channels_app.delivery.carriage import Carried
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.claims import Claim
from channels_app.delivery.destinations import Destination
from channels_app.delivery.flights import Flight, Landing, first_step
from channels_app.delivery.lessons import Lesson, learn
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recalls import Recalls
from channels_app.delivery.recording import record
from channels_app.delivery.taking import rate_of
from channels_app.senders.contract import HttpSender, OutgoingRequest, SendError

ONE_TRY = RetryPolicy(waits=())
LOOK_EVERY = 0.5


@dataclass(frozen=True)
class Trip:
    """One message on its way: how far it came, and what ended it.

    `carried` is the last request's; None says that nothing was carried. `code` is the
    error's, "" if the provider took the message; `detail` holds no secret.
    """

    requests: Sequence[OutgoingRequest] = field(repr=False, default=())
    part: int = 0
    carried: Carried | None = None
    code: str = ""
    detail: str = ""


def carry_in_order(
    sender: HttpSender, requests: Sequence[OutgoingRequest], carrier: Carrier
) -> Trip:
    """Carry requests until one is not accepted; nothing is written down."""
    trip = Trip(requests)
    for part, request in enumerate(requests):
        carrier.submit(part, request)
        carried = _wait_for_one(carrier)
        code, detail = _problem(sender, carried)
        trip = Trip(requests, part, carried, code, detail)
        if code:
            break
    return trip


def deliver_at_once(claim: Claim, destination: Destination, carrier: Carrier) -> Trip:
    """Give a claimed delivery its one try, and write down what came of it."""
    longest = settings.LEASE_SECONDS - settings.SEND_DEADLINE_SECONDS - 1
    until = time.monotonic() + min(longest, claim.time_left)
    configs = {destination.config_id: destination}
    step = first_step(claim, configs, until, Recalls())
    landing: Landing | None = None
    while isinstance(step, Flight):
        step.take_off(carrier, float(settings.SEND_DEADLINE_SECONDS))
        landing = Landing.of(_wait_for_one(carrier))
        step = landing.next_step(ONE_TRY)
    _write_down(step, claim, destination)
    return _trip(step, landing)


def _wait_for_one(carrier: Carrier) -> Carried:
    while not (found := carrier.results(timeout=LOOK_EVERY)):
        continue
    return found[0]


def _problem(sender: HttpSender, carried: Carried) -> tuple[str, str]:
    if carried.answer is None:
        failure = carried.failure
        return (failure.code, failure.detail) if failure else ("unrecognised", "")
    try:
        sender.read(carried.answer)
    except SendError as error:
        return error.code, error.detail
    return "", ""


def _write_down(verdict: Verdict, claim: Claim, destination: Destination) -> None:
    record([verdict.result])
    rate = rate_of(claim.channel_type, destination)
    learn([Lesson(verdict, claim, rate)], {destination.config_id})


def _trip(verdict: Verdict, landing: Landing | None) -> Trip:
    result = verdict.result
    if landing is None:
        return Trip(code=result.error_code, detail=result.error)
    flight = landing.flight
    return Trip(
        flight.requests,
        flight.part,
        landing.carried,
        result.error_code,
        result.error,
    )
