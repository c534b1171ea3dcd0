"""The sockets under libcurl's connections, and which kept ones have ended.

libcurl looks at its kept connections once a second at most. One that the receiver has
closed since then would swallow a request, and nobody could tell whether it arrived.
"""

from __future__ import annotations

import select
import socket

LocalAddress = tuple[str, int]


class OpeningSockets:
    """The sockets that one transfer opens until one of them is connected."""

    def __init__(self) -> None:
        self._given: list[socket.socket] = []
        self._used: list[int] = []

    def open(self, family: int, kind: int, protocol: int) -> socket.socket:
        """Return a new socket. pycurl connects a duplicate of it."""
        given = socket.socket(family, kind, protocol)
        self._given.append(given)
        return given

    def note_duplicate(self, fd: int) -> None:
        """Remember the duplicate of the socket that was opened last."""
        self._used.append(fd)

    def settle(self, local: LocalAddress) -> int | None:
        """Return the connected duplicate, None if no socket was opened for it."""
        found = None
        for given, fd in zip(self._given, self._used, strict=False):
            if given.getsockname()[:2] == local:
                found = fd
        self.close()
        return found

    def close(self) -> None:
        """Close the originals; the duplicates are libcurl's."""
        for given in self._given:
            given.close()
        self._given.clear()
        self._used.clear()


class KeptConnections:
    """The connections of one carrier, by their own end's address."""

    def __init__(self) -> None:
        self._fds: dict[LocalAddress, int] = {}

    def remember(self, local: LocalAddress, fd: int) -> None:
        """Take note of a connection that has just been made."""
        self._fds[local] = fd

    def has_ended(self, local: LocalAddress) -> bool:
        """Tell whether a connection at rest has news: its end, or what nobody asked."""
        fd = self._fds.get(local)
        if fd is None:
            return False
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(0))
