from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from channels_app.delivery.carrier import (
    Carrier,
)
from tests.channels_app.delivery.carrier.carrying import (
    LOOPBACK,
    CarryOne,
    NamesTable,
    carry_alone,
    carry_among_many,
)


@pytest.fixture(params=[carry_alone, carry_among_many])
def carry_one(request: pytest.FixtureRequest) -> CarryOne:
    chosen: CarryOne = request.param
    return chosen


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier(LOOPBACK) as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> NamesTable:
    """A name server of the test's own: what stands in the table is what it says."""
    table: NamesTable = {}

    def getaddrinfo(host: str, *_rest: object, **_more: object) -> list[object]:
        if host not in table:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 0)) for a in table[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table
