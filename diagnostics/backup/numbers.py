"""Primary keys: those of the backup where they are free, else fresh ones past them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections

from diagnostics.backup.tables import Row, Table


def reserve(table: Table, greatest: int, *, using: str) -> None:
    """Let the database hand out only numbers past those of the backup, and past its own.

    So whoever stores rows meanwhile takes none that a later row of the backup has.
    """
    if not table.has_own_numbers:
        return
    own = table.query(using).order_by("-pk").values_list("pk", flat=True).first() or 0
    _move_sequence(table, max(int(own), greatest), using)


def _move_sequence(table: Table, least: int, using: str) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = "pg_get_serial_sequence(%s, %s)"
            sequence = [table.name, table.pk.column]
            cursor.execute(f"SELECT nextval({name})", sequence)
            least = max(least, int(cursor.fetchone()[0]), 1)
            cursor.execute(f"SELECT setval({name}, %s)", [*sequence, least])
            return
        update = "UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s"
        cursor.execute(update, [least, table.name])
        if not cursor.rowcount:
            insert = "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)"
            cursor.execute(insert, [table.name, least])


def number(table: Table, rows: Sequence[Row], *, using: str) -> None:
    """Give each row that is to be added its number; in a transaction."""
    name = table.pk.name
    if not table.has_own_numbers:
        return
    wanted = [row[name] for row in rows if row[name] is not None]
    query = table.query(using).filter(pk__in=wanted)
    taken: set[object] = set(query.values_list("pk", flat=True))
    homeless: list[Row] = []
    for row in rows:
        if row[name] is None or row[name] in taken:
            homeless.append(row)
        taken.add(row[name])
    for row, fresh in zip(homeless, _fresh(table, len(homeless), using), strict=True):
        row[name] = fresh


def _fresh(table: Table, count: int, using: str) -> list[int]:
    connection = connections[using]
    if not count:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) "
                "FROM generate_series(1, %s)",
                [table.name, table.pk.column, count],
            )
            return [int(row[0]) for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
        last = int(cursor.fetchone()[0])
        _move_sequence(table, last + count, using)
    return list(range(last + 1, last + 1 + count))
