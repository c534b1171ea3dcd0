"""Django's PostgreSQL, taking from its pool only connections that are alive.

A pool can ask the server before each use, which costs every request a round trip. A
server that goes away closes its sockets, though, and an idle socket with something to
read is one that was closed: looking costs a microsecond. Peers that vanish without a
word are found by the kernel's keepalives, which end up in the same place.
"""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from notifications_site.postgresql.outage import OUTAGE, TellingConnection
from notifications_site.postgresql.silence import SILENCE

# A request waits so many seconds for a connection, unless the server is away.
PATIENCE = 2.0
_EVENTS = select.POLLIN | select.POLLERR | select.POLLHUP


class DatabaseWrapper(base.DatabaseWrapper):
    """Gives back what is dead until the pool has something that lives."""

    @property
    def pool(self) -> Any:
        """Return the pool, if there is one; its connections tell of outages."""
        pool = super().pool
        if pool is not None:
            pool.connection_class = TellingConnection
        return pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a live connection; raises OperationalError when there is none."""
        if SILENCE.is_known():
            raise psycopg.OperationalError("the server does not answer")
        given_up_at = time.monotonic() + PATIENCE
        connection = self._connection(conn_params, given_up_at)
        while self.pool and not is_alive(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = self._connection(conn_params, given_up_at)
        return connection

    def _connection(self, conn_params: dict[str, Any], given_up_at: float) -> Any:
        """Wait, while there is hope, as often as the pool's own time limit runs out."""
        while True:
            try:
                return super().get_new_connection(conn_params)
            except PoolTimeout:
                if OUTAGE.is_on or time.monotonic() >= given_up_at:
                    raise


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether an idle connection can be used; asks only when in doubt."""
    if connection.closed:
        return False
    watch = select.poll()
    watch.register(connection.fileno(), _EVENTS)
    if not watch.poll(0):
        return True
    try:
        # It may have been a notice, which the server sends of its own accord.
        connection.execute("")
    except psycopg.Error:
        return False
    return True
