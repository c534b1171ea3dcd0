"""The units of a backup, read from its parts side by side, in batches."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.backup.archive import Archive
from diagnostics.backup.checking import RowReader
from diagnostics.backup.parts import (
    Part,
    Unit,
    as_restored,
    is_kept_out,
    parent_column,
)
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.tables import Key, Row, Table, frozen

# So many units, or so many rows in them, are restored in one transaction.
UNITS_AT_ONCE = 250
ROWS_IN_A_BATCH = 2000


def batches(archive: Archive, part: Part, *, using: str) -> Iterator[list[Unit]]:
    """Yield the units of a part as they are to stand after a restore.

    Raises BackupRefusedError for what is wrong in the file, at the latest at its end.
    """
    batch: list[Unit] = []
    rows = 0
    for unit in units(archive, part, using=using):
        if is_kept_out(part, unit.root):
            continue
        batch.append(as_restored(part, unit))
        rows += 1 + sum(map(len, unit.children.values()))
        if len(batch) >= UNITS_AT_ONCE or rows >= ROWS_IN_A_BATCH:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def units(archive: Archive, part: Part, *, using: str) -> Iterator[Unit]:
    """Yield the units of a part as the file has them."""
    followers = [
        _Followers(archive, child, parent_column(part, child), using=using)
        for child in part.children
        if archive.has(child)
    ]
    empty: dict[str, list[Row]] = {child.name: [] for child in part.children}
    for root in rows_of(archive, part.table, using=using):
        key = part.table.key_of(root)
        children = {one.table.name: one.of(key) for one in followers}
        yield Unit(key, root, {**empty, **children})
    for one in followers:
        one.require_end()


def rows_of(archive: Archive, table: Table, *, using: str) -> Iterator[Row]:
    """Yield the rows of a part, each checked."""
    reader = RowReader(table, using=using)
    for number, line in enumerate(archive.lines(table), start=1):
        yield reader.read(line, number)


class _Followers:
    """The rows of a child table, which follow the order of their units."""

    def __init__(
        self, archive: Archive, table: Table, parent: str, *, using: str
    ) -> None:
        self.table = table
        self._parent = parent
        self._rows = rows_of(archive, table, using=using)
        self._next: Row | None = next(self._rows, None)

    def of(self, key: Key) -> list[Row]:
        """Return the rows that belong to a unit."""
        found: list[Row] = []
        while (row := self._next) is not None and self._is_of(row, key):
            found.append(row)
            self._next = next(self._rows, None)
        return found

    def _is_of(self, row: Row, key: Key) -> bool:
        return frozen(row[self._parent]) == key

    def require_end(self) -> None:
        """Refuse rows that belong to no unit of the file."""
        if self._next is not None:
            raise BackupRefusedError("wrong_part", name=self.table.name)
