"""Carrying requests in tests, alone or among many."""

from __future__ import annotations

from collections.abc import Callable

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import (
    CARRIAGE_ERRORS,
    CarriageOutcome,
    Carried,
    Carrier,
    WireOptions,
    carry,
)
from channels_app.senders.contract import OutgoingRequest

LOOPBACK = AddressPolicy(parse_networks("127.0.0.0/8, ::1/128"))
PUBLIC_ONLY = AddressPolicy()
QUICK = WireOptions(connect_timeout=0.3, total_timeout=0.3)
SECRET = "8f2e-canary-secret"

NamesTable = dict[str, list[str]]
CarryOne = Callable[..., Carried]


def post(url: str, body: bytes = b"{}") -> OutgoingRequest:
    return OutgoingRequest("POST", url, (("Content-Type", "application/json"),), body)


def carry_alone(
    request: OutgoingRequest,
    policy: AddressPolicy = LOOPBACK,
    options: WireOptions | None = None,
) -> Carried:
    return carry(request, policy, options)


def carry_among_many(
    request: OutgoingRequest,
    policy: AddressPolicy = LOOPBACK,
    options: WireOptions | None = None,
) -> Carried:
    with Carrier(policy, options) as carrier:
        carrier.submit("ticket", request)
        return collect(carrier, 1)[0]


def collect(carrier: Carrier, count: int) -> list[Carried]:
    found: list[Carried] = []
    while len(found) < count:
        batch = carrier.results(timeout=30)
        assert batch, f"{len(found)} of {count} results came"
        found += batch
    return found


def assert_failed(carried: Carried, code: str, outcome: str) -> None:
    assert carried.answer is None
    assert carried.failure is not None
    assert (carried.failure.code, carried.failure.outcome) == (code, outcome)
    assert carried.bytes_went_out == (outcome == CarriageOutcome.UNKNOWN)
    assert code in CARRIAGE_ERRORS
