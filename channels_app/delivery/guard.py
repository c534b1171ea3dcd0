"""The address policy for libraries that make their own connections.

Python reports each connect of its sockets to audit hooks, with the very address that
is connected to, whatever library asked for it; what a hook raises stops the connect.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from channels_app.delivery.addresses import AddressPolicy, AddressRefusedError


class _Guards(threading.local):
    policy: AddressPolicy | None = None
    refused: AddressRefusedError | None = None


_GUARDS = _Guards()


class ConnectRefusedError(OSError):
    """What a library sees when its connection was not allowed."""


@contextmanager
def guarded(policy: AddressPolicy) -> Iterator[None]:
    """Hold the policy over each connection that this thread makes meanwhile.

    Raises AddressRefusedError at the end if one was not allowed, whatever else
    the library made of that.
    """
    _install()
    _GUARDS.policy, _GUARDS.refused = policy, None
    try:
        yield
    except Exception:
        if _GUARDS.refused is None:
            raise
    finally:
        refused, _GUARDS.policy, _GUARDS.refused = _GUARDS.refused, None, None
    if refused is not None:
        raise refused


@cache
def _install() -> None:
    sys.addaudithook(_watch)


def _watch(event: str, details: tuple[object, ...]) -> None:
    if event == "socket.connect" and _GUARDS.policy is not None:
        _check(_GUARDS.policy, details[1])


def _check(policy: AddressPolicy, address: object) -> None:
    # Addresses of other families than the internet's are paths and numbers.
    host = address[0] if isinstance(address, tuple) else "0.0.0.0"  # noqa: S104
    try:
        policy.check_address(str(host).partition("%")[0])
    except AddressRefusedError as error:
        _GUARDS.refused = error
        raise ConnectRefusedError(str(error)) from error
