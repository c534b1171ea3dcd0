"""A carrier that gives up on a receiver after two seconds."""

from collections.abc import Iterator

import pytest

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.transfer import WireOptions


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    policy = AddressPolicy(parse_networks("127.0.0.0/8"))
    with Carrier(policy, WireOptions(total_timeout=2.0), max_in_flight=64) as running:
        yield running
