"""A port in use is said clearly, with the process that has it."""

import os
import socket

import pytest

from notifications_site.ports import why_not_free
from tests.notifications_site.programs import free_port


def test_a_free_port_is_free() -> None:
    assert why_not_free("127.0.0.1", free_port()) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_names_the_process_that_has_it(address: str) -> None:
    with socket.socket() as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        reason = why_not_free("127.0.0.1", port)
    assert reason is not None
    assert f"Port {port} on 127.0.0.1 is in use by process {os.getpid()}" in reason


def test_an_address_of_another_machine_is_said() -> None:
    assert "cannot listen on 192.0.2.1" in str(why_not_free("192.0.2.1", 8000))
