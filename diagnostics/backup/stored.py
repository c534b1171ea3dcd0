"""What a database holds of the units of a backup, asked for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.backup.parts import Part, Unit, parent_column
from diagnostics.backup.tables import Key, Row, Table, frozen


@dataclass(frozen=True)
class StoredUnit:
    """A unit as the database has it, with the primary key of its own row."""

    pk: Any
    unit: Unit


def stored_units(
    part: Part, wanted: Sequence[Unit], *, using: str, lock: bool = False
) -> dict[Key, StoredUnit]:
    """Return the units of the database that have the names of these."""
    keys = {unit.key for unit in wanted}
    if not keys:
        return {}
    table = part.table
    query = table.among(keys, using)
    if lock:
        # Whoever edits one of them meanwhile waits, and does not lose it to us.
        list(query.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    found = {table.key_of(row): row for row in table.rows(query)}
    roots = {key: row for key, row in found.items() if key in keys}
    pks = [row[table.pk.name] for row in roots.values()]
    children = {c.name: _by_parent(part, c, pks, using) for c in part.children}
    return {
        key: StoredUnit(
            row[table.pk.name],
            Unit(
                key, row, {name: rows.get(key, []) for name, rows in children.items()}
            ),
        )
        for key, row in roots.items()
    }


def _by_parent(
    part: Part, child: Table, pks: Sequence[object], using: str
) -> dict[Key, list[Row]]:
    column = parent_column(part, child)
    query = child.query(using).filter(**{f"{column}__in": pks}).order_by("pk")
    found: dict[Key, list[Row]] = {}
    for row in child.rows(query):
        key = frozen(row[column])
        if isinstance(key, tuple):
            found.setdefault(key, []).append(row)
    return found


def is_same(part: Part, one: Unit, other: Unit) -> bool:
    """Return whether two units say the same, whatever the numbers of their rows."""
    return part.table.same(one.root, other.root) and all(
        same_rows(child, one.children[child.name], other.children[child.name])
        for child in part.children
    )


def same_rows(table: Table, some: Sequence[Row], others: Sequence[Row]) -> bool:
    """Return whether two sets of rows say the same."""
    if len(some) != len(others):
        return False
    named = {table.key_of(row): row for row in others}
    return all(
        (other := named.get(table.key_of(row))) is not None and table.same(row, other)
        for row in some
    )


def references(column: str, rows: Sequence[Row]) -> set[Key]:
    """Return the names that a foreign key holds in these rows."""
    found = {frozen(row[column]) for row in rows}
    return {key for key in found if isinstance(key, tuple)}
