"""Restoring a backup: unit by unit, in batches that each commit by themselves.

What a unit is to become depends on the file and on what stands in the database, not on
how far an earlier run came: killed and run again, it ends the same.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from diagnostics.backup.archive import Archive
from diagnostics.backup.databases import small_cache
from diagnostics.backup.joining import Decision, Fate, Mode, decide
from diagnostics.backup.numbers import reserve
from diagnostics.backup.parts import Part, Unit, removable
from diagnostics.backup.planner import PlannersView
from diagnostics.backup.planning import Wanted
from diagnostics.backup.progress import OnProgress, Steps, in_silence
from diagnostics.backup.stored import StoredUnit, stored_units
from diagnostics.backup.tables import Row, Table
from diagnostics.backup.units import batches
from diagnostics.backup.writes import delete, insert, update

SWEEP_ROWS = 500


@dataclass(frozen=True)
class Restored:
    """How many units were added, changed, removed, or switched off instead."""

    added: int
    changed: int
    removed: int
    switched_off: int


def restore(
    archive: Archive, wanted: Wanted, on_progress: OnProgress = in_silence
) -> Restored:
    """Restore what is wanted of a backup. Its plan must have been made before.

    May be ended at any time and run again.
    """
    parts = wanted.parts(archive)
    facts = archive.manifest.parts
    steps = Steps(sum(facts[part.table.name].rows for part in parts), on_progress)
    counts: Counter[str] = Counter()
    with small_cache(wanted.using), _KeptRows() as kept:
        for part in parts:
            _reserve_numbers(part, archive, wanted.using)
            planner = PlannersView(part, using=wanted.using)
            for batch in batches(archive, part, using=wanted.using):
                counts += _restore_batch(part, batch, wanted)
                kept.add(part, batch, wanted)
                planner.add(len(batch))
                steps.add(str(part.title), len(batch))
        if wanted.mode is Mode.REPLACE:
            for part in reversed(parts):
                counts += _sweep(part, kept, archive, wanted.using)
    return Restored(
        counts[Fate.ADDED], counts[Fate.CHANGED], counts["removed"], counts["off"]
    )


def _reserve_numbers(part: Part, archive: Archive, using: str) -> None:
    for table in part.tables:
        if archive.has(table):
            greatest = archive.manifest.parts[table.name].greatest
            reserve(table, greatest, using=using)


def _restore_batch(part: Part, batch: Sequence[Unit], wanted: Wanted) -> Counter[str]:
    using = wanted.using
    with transaction.atomic(using=using):
        stored = stored_units(part, batch, using=using, lock=True)
        decisions = [
            decide(part, unit, stored.get(unit.key), wanted.mode) for unit in batch
        ]
        added = [one.unit for one in decisions if one.fate is Fate.ADDED]
        _add(part, added, using)
        for one in decisions:
            if one.fate is Fate.CHANGED:
                _change(part, one, stored[one.unit.key], using)
    return Counter(str(one.fate) for one in decisions)


def _add(part: Part, units: Sequence[Unit], using: str) -> None:
    insert(part.table, [unit.root for unit in units], using=using)
    for child in part.children:
        rows = [row for unit in units for row in unit.children[child.name]]
        insert(child, rows, using=using)


def _change(part: Part, decision: Decision, stored: StoredUnit, using: str) -> None:
    unit = decision.unit
    update(part.table, {stored.pk: unit.root}, using=using)
    for child in part.children:
        here = stored.unit.children[child.name]
        _match(child, here, unit.children[child.name], using)


def _match(
    table: Table, here: Sequence[Row], wanted: Sequence[Row], using: str
) -> None:
    """Let the rows that belong to a unit be the wanted ones."""
    number = table.pk.name
    known = {table.key_of(row): row for row in here}
    keys = {table.key_of(row) for row in wanted}
    gone = [row[number] for key, row in known.items() if key not in keys]
    delete(table, gone, using=using)
    changes, added = {}, []
    for row in wanted:
        own = known.get(table.key_of(row))
        if own is None:
            added.append(row)
        elif not table.same(own, row):
            changes[own[number]] = row
    update(table, changes, using=using)
    insert(table, added, using=using)


class _KeptRows:
    """Which rows of the database the backup has too: on disk, for they may be many."""

    def __enter__(self) -> _KeptRows:
        self._file = tempfile.NamedTemporaryFile(prefix="restore-")
        self._rows = sqlite3.connect(self._file.name, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.execute(
            "CREATE TABLE kept (part TEXT, pk TEXT, PRIMARY KEY (part, pk)) WITHOUT ROWID"
        )
        return self

    def __exit__(self, *_error: object) -> None:
        with closing(self._file), closing(self._rows):
            pass

    def add(self, part: Part, batch: Sequence[Unit], wanted: Wanted) -> None:
        """Note the rows of a batch that has just been restored."""
        if wanted.mode is not Mode.REPLACE:
            return
        found = part.table.find([unit.key for unit in batch], wanted.using)
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT OR IGNORE INTO kept VALUES (?, ?)",
            [(part.label, str(pk)) for pk in found.values()],
        )
        self._rows.execute("COMMIT")

    def others(self, part: Part, pks: Sequence[Any]) -> list[Any]:
        """Return those that the backup does not have."""
        look = "SELECT 1 FROM kept WHERE part = ? AND pk = ?"
        return [
            pk
            for pk in pks
            if self._rows.execute(look, (part.label, str(pk))).fetchone() is None
        ]


def _sweep(part: Part, kept: _KeptRows, archive: Archive, using: str) -> Counter[str]:
    """Remove what the backup does not hold, page by page."""
    counts: Counter[str] = Counter()
    query = part.table.query(using).filter(removable(part, archive.manifest.logs_since))
    for page in _pages(query):
        for_removal = kept.others(part, page)
        if for_removal:
            counts += _remove(part.table, for_removal, using)
    return counts


def _pages(query: Any) -> Iterator[list[Any]]:
    ordered = query.order_by("pk").values_list("pk", flat=True)
    page = list(ordered[:SWEEP_ROWS])
    while page:
        yield page
        page = list(ordered.filter(pk__gt=page[-1])[:SWEEP_ROWS])


def _remove(table: Table, pks: Sequence[Any], using: str) -> Counter[str]:
    try:
        with transaction.atomic(using=using):
            delete(table, pks, using=using)
    except ProtectedError:
        if len(pks) > 1:
            parts = (_remove(table, [pk], using) for pk in pks)
            return sum(parts, Counter[str]())
        # Deliveries that stay name it: it may do nothing any more, but it stays.
        table.query(using).filter(pk__in=pks).update(is_active=False)
        return Counter(off=1)
    return Counter(removed=len(pks))
