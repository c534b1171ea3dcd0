"""Looks into the database of processes under test, from outside of them."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import psycopg


def query(environment: Mapping[str, str], statement: str) -> list[tuple[Any, ...]]:
    """Return what one statement selects."""
    return _run(environment, statement)[1]


def execute(environment: Mapping[str, str], statement: str) -> None:
    """Change something, as a person at the database's own prompt does."""
    address = environment["DATABASE_URL"]
    if address.startswith("sqlite"):
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
            connection.execute(statement)
        return
    with psycopg.connect(address.replace("postgres:", "postgresql:", 1)) as server:
        server.execute(statement.encode())


def table(environment: Mapping[str, str], statement: str) -> str:
    """Return what one statement selects as lines to read, the columns' names first."""
    names, rows = _run(environment, statement)
    return "\n".join(" | ".join(map(str, row)) for row in [names, *rows])


def _run(
    environment: Mapping[str, str], statement: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    address = environment["DATABASE_URL"]
    if address.startswith("sqlite"):
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            found = connection.execute(statement)
            return [column[0] for column in found.description], found.fetchall()
    with psycopg.connect(address.replace("postgres:", "postgresql:", 1)) as server:
        given = server.execute(statement.encode())
        return [column.name for column in given.description or ()], given.fetchall()
