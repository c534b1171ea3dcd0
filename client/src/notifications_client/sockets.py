"""A socket whose every wait ends with its call: a slow answer cannot outlast the deadline."""

from __future__ import annotations

import io
import selectors
import socket
from typing import Any

from notifications_client.pacing import Deadline


class TimedSocket:
    """What http.client needs of a socket, with a deadline that changes by call."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._deadline: Deadline | None = None
        self._timeout = 0.0

    def begin(self, deadline: Deadline, timeout: float) -> None:
        """Set what each wait of the next request may take, and all of them."""
        self._deadline, self._timeout = deadline, timeout

    def allow(self) -> None:
        """Give the next wait its time. Raises DeadlineExceededError."""
        if self._deadline is not None:
            self._socket.settimeout(self._deadline.limit(self._timeout))

    def sendall(self, data: bytes) -> None:
        self.allow()
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        raw = self._socket.makefile(mode="rb", buffering=0)
        return io.BufferedReader(_TimedFile(self, raw))

    def close(self) -> None:
        self._socket.close()

    def is_readable(self) -> bool:
        """Tell whether something waits to be read: on an idle connection, its end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            return bool(selector.select(0))


class _TimedFile(io.RawIOBase):
    def __init__(self, owner: TimedSocket, raw: socket.SocketIO) -> None:
        self._owner = owner
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._owner.allow()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
