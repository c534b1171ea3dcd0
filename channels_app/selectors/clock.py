"""The database's clock, which alone decides what is due, late or over."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from channels_app.models.sql import unix_now


def database_seconds() -> float:
    """Return the database's present time in seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {unix_now()}", [])
        return float(cursor.fetchone()[0])


def database_time() -> datetime:
    """Return the database's present time, in UTC."""
    return datetime.fromtimestamp(database_seconds(), UTC)
