"""Whether a PostgreSQL that has not answered for a while is slow, or there no more.

A frozen server keeps its sockets open and lets the kernel take new connections, so
waiting tells nothing. Its postmaster answers the request for encryption, which stands
before any login, with one byte at once; one that is stopped, or behind a network that
swallows packets, does not. Not found so: a single session of the server that is
stopped while the rest runs, and a server behind a proxy that answers for it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

# So long a statement has the server's word unasked; then, and as often again, somebody asks.
PATIENCE = 2.0
ANSWERS_WITHIN = 2.0
# What one thread found is good for all for so long.
GOOD_FOR = 1.0
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@dataclass(frozen=True)
class Address:
    """Where a server listens: a host, or the folder of a socket."""

    host: str
    port: int

    def answers(self, seconds: float) -> bool:
        """Tell whether a word comes back in time."""
        try:
            with self._connected(seconds) as connection:
                connection.sendall(_SSL_REQUEST)
                return bool(connection.recv(1))
        except OSError:
            return False

    def _connected(self, seconds: float) -> socket.socket:
        if not self.host.startswith(("/", "@")):
            return socket.create_connection((self.host, self.port), seconds)
        path = f"{self.host}/.s.PGSQL.{self.port}"
        made = socket.socket(socket.AF_UNIX)
        try:
            made.settimeout(seconds)
            made.connect(path.replace("@", "\0", 1) if path[0] == "@" else path)
        except OSError:
            made.close()
            raise
        return made


class Silence:
    """What this process knows of a server that may be silent; its threads share it."""

    def __init__(
        self,
        answers_within: float = ANSWERS_WITHIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answers_within = answers_within
        self._clock = clock
        self._asking = threading.Lock()
        self._asked_at = float("-inf")
        self._address: Address | None = None

    def is_found_at(self, address: Address) -> bool:
        """Tell whether the server does not answer; ask, unless somebody just did."""
        with self._asking:
            self._ask(address)
            return self._address is not None

    def is_known(self) -> bool:
        """Tell whether the server was silent when last asked.

        Asks again at times, which holds one thread at most.
        """
        address = self._address
        if address is None:
            return False
        if self._asking.acquire(blocking=False):
            try:
                self._ask(address)
            finally:
                self._asking.release()
        return self._address is not None

    def _ask(self, address: Address) -> None:
        if self._clock() - self._asked_at < GOOD_FOR:
            return
        answers = address.answers(self._answers_within)
        self._address = None if answers else address
        self._asked_at = self._clock()


SILENCE = Silence()
