from __future__ import annotations

import itertools
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from channels_app.delivery.carrier import (
    Carrier,
    WireOptions,
)
from tests.channels_app.delivery.carrier.carrying import (
    LOOPBACK,
    SECRET,
    CarryOne,
    assert_failed,
    collect,
    post,
)
from tests.channels_app.delivery.certificates import issue
from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    receiver,
)


def test_a_receiver_with_a_known_certificate_is_reached(
    carry_one: CarryOne, tmp_path: Path
) -> None:
    known = issue(tmp_path)
    with receiver(answering(OK), tls=known.server) as there:
        carried = carry_one(
            post(there.url), LOOPBACK, WireOptions(ca_file=known.ca_file)
        )
    assert carried.answer is not None
    assert carried.timing.tls > 0


def _unknown_authority(folder: Path) -> tuple[ssl.SSLContext, WireOptions]:
    return issue(folder).server, WireOptions()


def _other_host(folder: Path) -> tuple[ssl.SSLContext, WireOptions]:
    other = issue(folder, address="127.0.0.9")
    return other.server, WireOptions(ca_file=other.ca_file)


def _expired(folder: Path) -> tuple[ssl.SSLContext, WireOptions]:
    expired = issue(folder, days=-1)
    return expired.server, WireOptions(ca_file=expired.ca_file)


@pytest.mark.parametrize("flaw", [_unknown_authority, _other_host, _expired])
def test_a_wrong_certificate_means_not_sent(
    carry_one: CarryOne,
    tmp_path: Path,
    flaw: Callable[[Path], tuple[ssl.SSLContext, WireOptions]],
) -> None:
    server, options = flaw(tmp_path)
    with receiver(answering(OK), tls=server) as there:
        carried = carry_one(post(f"{there.url}/{SECRET}"), LOOPBACK, options)
    assert_failed(carried, "tls_failed", "not_sent")
    assert there.requests == []
    assert SECRET not in repr(carried)


def test_a_receiver_without_tls_means_not_sent(carry_one: CarryOne) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def serve() -> None:
            connection, _peer = plain.accept()
            with connection:
                connection.recv(10)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        carried = carry_one(post(f"https://127.0.0.1:{plain.getsockname()[1]}/"))
    assert_failed(carried, "tls_failed", "not_sent")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_secure_connections_are_kept_and_replaced(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    known = issue(tmp_path)
    known.server.maximum_version = version
    is_last = itertools.cycle([False, False, True])

    def every_third_ends(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(OK)
        return not next(is_last)

    with (
        receiver(every_third_ends, tls=known.server) as there,
        Carrier(LOOPBACK, WireOptions(ca_file=known.ca_file)) as carrier,
    ):
        for turn in range(9):
            carrier.submit(turn, post(there.url))
            assert collect(carrier, 1)[0].answer is not None
            there.wait_until_closed((turn + 1) // 3)
    assert len(there.requests) == 9
    assert there.connections == 3
