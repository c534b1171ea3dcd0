"""Whether PostgreSQL can be connected to, as the pool's last attempt to connect saw.

A pool lets each request wait for a connection. While the server is away that wait is
for nothing, and it takes the threads that health probes are answered by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

from notifications_site.postgresql.silence import PATIENCE, SILENCE, Address

RV = TypeVar("RV")


@dataclass
class Outage:
    """What this process knows of the server."""

    is_on: bool = False


OUTAGE = Outage()


class TellingConnection(psycopg.Connection[Any]):
    """A connection that tells whether it could be made, and hangs up on a silent server.

    `patience`: after so many seconds without an answer it asks whether there is anybody.
    """

    patience = PATIENCE
    silence = SILENCE

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> TellingConnection:
        try:
            made = super().connect(*args, **options)
        except psycopg.Error:
            OUTAGE.is_on = True
            raise
        OUTAGE.is_on = False
        return made

    def wait(
        self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None
    ) -> RV:
        """Wait as long as the server shows life. Raises OperationalError when not."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        while True:
            try:
                return super().wait(gen, interval, self.patience)
            except _WaitTimeout:
                self._must_be_heard()

    def _must_be_heard(self) -> None:
        if self.silence.is_found_at(self._address()):
            self.close()
            raise psycopg.OperationalError("the server does not answer any more")

    def _address(self) -> Address:
        server = self.pgconn
        where = server.hostaddr or server.host
        return Address(where.decode(), int(server.port))
