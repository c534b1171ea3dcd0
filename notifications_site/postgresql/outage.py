"""Whether PostgreSQL can be connected to, as the pool's last attempt to connect saw.

A pool lets each request wait for a connection. While the server is away that wait is
for nothing, and it takes the threads that health probes are answered by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass
class Outage:
    """What this process knows of the server."""

    is_on: bool = False


OUTAGE = Outage()


class TellingConnection(psycopg.Connection[Any]):
    """A connection of the pool that tells whether it could be made."""

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> TellingConnection:
        try:
            made = super().connect(*args, **options)
        except psycopg.Error:
            OUTAGE.is_on = True
            raise
        OUTAGE.is_on = False
        return made
