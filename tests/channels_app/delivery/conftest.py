"""What the tests of the engine share: a carrier that reaches this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels_app.delivery.carrier import Carrier
from tests.channels_app.delivery.carrier.carrying import LOOPBACK


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier(LOOPBACK, max_in_flight=64) as running:
        yield running
