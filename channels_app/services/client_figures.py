"""How many requests each API client makes in a day, and how many are refused.

They are counted in this process and added to the table together, so that counting
costs a request nothing. What a killed process had not added yet is lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from channels_app.models.sql import Column, as_parameter, now_plus, one_writer, rows_of

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 10.0
KEPT_DAYS = 90
DAY = 24 * 3600

_COLUMNS = (
    Column("client_id", "integer"),
    Column("requests", "integer"),
    Column("refusals", "integer"),
)
_ADD = """
    INSERT INTO api_client_days (client_id, day, requests, refusals)
    SELECT r.client_id, CURRENT_DATE, r.requests, r.refusals
    FROM ROWS JOIN api_clients ON api_clients.id = r.client_id
    WHERE TRUE ORDER BY r.client_id
    ON CONFLICT (client_id, day) DO UPDATE SET
        requests = api_client_days.requests + excluded.requests,
        refusals = api_client_days.refusals + excluded.refusals"""
_FORGET = "DELETE FROM api_client_days WHERE day < BEFORE"


@dataclass
class Figure:
    """What one client asked since the last time this process added it up."""

    requests: int = 0
    refusals: int = 0


@dataclass
class _Figures:
    """What this process has counted and not added to the table yet."""

    by_client: dict[int, Figure] = field(default_factory=dict)
    due_at: float = field(default_factory=lambda: time.monotonic() + FLUSH_SECONDS)
    forgets_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, client_id: int, requests: int, refusals: int) -> None:
        with self.lock:
            figure = self.by_client.setdefault(client_id, Figure())
            figure.requests += requests
            figure.refusals += refusals

    def is_to_forget(self) -> bool:
        """Tell once a day in each process that old days are to be deleted."""
        is_due = self.forgets_at <= time.monotonic()
        if is_due:
            self.forgets_at = time.monotonic() + DAY
        return is_due

    def taken(self) -> Mapping[int, Figure]:
        with self.lock:
            self.due_at = time.monotonic() + FLUSH_SECONDS
            taken, self.by_client = self.by_client, {}
        return taken


_figures = _Figures()


def forget_figures() -> None:
    """Drop what this process has counted (tests)."""
    _figures.taken()


def count_request(client_id: int, *, is_refused: bool) -> None:
    """Count one request of a client in this process."""
    _figures.add(client_id, 1, int(is_refused))


def add_figures_when_due() -> None:
    """Add what was counted to the table, if the last time is long enough ago."""
    if _figures.due_at <= time.monotonic():
        add_figures()


def add_figures() -> None:
    """Add what was counted to the table; a database that is away gets it later."""
    counted = _figures.taken()
    if not counted:
        return
    try:
        _store(counted)
    except DatabaseError as error:
        for client_id, figure in counted.items():
            _figures.add(client_id, figure.requests, figure.refusals)
        logger.warning("the figures of API clients wait: %s", error)


def _store(counted: Mapping[int, Figure]) -> None:
    rows = as_parameter(
        {"client_id": client_id, **vars(figure)}
        for client_id, figure in counted.items()
    )
    statement = _ADD.replace("ROWS", rows_of(_COLUMNS))
    with one_writer(), connection.cursor() as cursor:
        cursor.execute(statement, [rows])
        if _figures.is_to_forget():
            forget = _FORGET.replace("BEFORE", now_plus("%s"))
            cursor.execute(forget, [-KEPT_DAYS * DAY])
