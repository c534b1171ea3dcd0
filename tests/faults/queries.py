"""Looks into the database of processes under test, from outside of them."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import psycopg


def query(environment: Mapping[str, str], statement: str) -> list[tuple[Any, ...]]:
    """Return what one statement selects."""
    address = environment["DATABASE_URL"]
    if address.startswith("sqlite"):
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(address.replace("postgres:", "postgresql:", 1)) as server:
        return server.execute(statement.encode()).fetchall()
