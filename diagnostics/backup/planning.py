"""What a restore would do, unit by unit; reading the whole file, changing nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from channels_app.services.restored import RESTORED
from diagnostics.backup.archive import Archive
from diagnostics.backup.databases import small_cache
from diagnostics.backup.joining import Decision, Fate, Mode, decide
from diagnostics.backup.parts import (
    KINDS,
    PARTS,
    Part,
    Unit,
    is_removable,
    removable,
)
from diagnostics.backup.progress import OnProgress, Steps, in_silence
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.stored import (
    StoredUnit,
    references,
    stored_units,
)
from diagnostics.backup.tables import Key, frozen, target_of
from diagnostics.backup.units import batches


@dataclass(frozen=True)
class Wanted:
    """Which kinds of a backup to restore, how, and into which database."""

    kinds: Collection[str] = KINDS
    mode: Mode = Mode.MERGE
    using: str = "default"

    def parts(self, archive: Archive) -> list[Part]:
        """Return the parts that are wanted and that the file holds."""
        return [p for p in PARTS if p.kind in self.kinds and archive.has(p.table)]


@dataclass(frozen=True)
class PartPlan:
    """What a restore does with one kind of unit. `held` counts among `added`, `changed`.

    `left` are those that the database holds and a restore does not touch.
    """

    kind: str
    table: str
    title: str
    added: int = 0
    changed: int = 0
    same: int = 0
    left: int = 0
    removed: int = 0
    held: int = 0


@dataclass(frozen=True)
class Plan:
    """What a restore does, kind by kind."""

    mode: Mode
    parts: Sequence[PartPlan]
    differences: Sequence[str] = field(default=())

    @property
    def is_nothing(self) -> bool:
        """Whether the database stands already as the restore would leave it."""
        return not any(p.added or p.changed or p.removed for p in self.parts)

    @property
    def held(self) -> int:
        return sum(part.held for part in self.parts)

    def as_dict(self) -> dict[str, object]:
        """Give the shape of a command's JSON."""
        return {"mode": str(self.mode), "parts": [asdict(p) for p in self.parts]}


MOST_DIFFERENCES = 20


def plan_restore(
    archive: Archive, wanted: Wanted, on_progress: OnProgress = in_silence
) -> Plan:
    """Return what a restore would do now. Raises BackupRefusedError for a wrong file."""
    with small_cache(wanted.using):
        return _planned(archive, wanted, on_progress)


def _planned(archive: Archive, wanted: Wanted, on_progress: OnProgress) -> Plan:
    parts = wanted.parts(archive)
    facts = archive.manifest.parts
    steps = Steps(sum(facts[part.table.name].rows for part in parts), on_progress)
    planned, differences = [], list[str]()
    for part in parts:
        counted = _Counted(part, archive.manifest.logs_since)
        for batch in batches(archive, part, using=wanted.using):
            _require_references(part, batch, parts, using=wanted.using)
            stored = stored_units(part, batch, using=wanted.using)
            counted.add(batch, stored, wanted.mode)
            steps.add(str(part.title), len(batch))
        planned.append(_finished(counted, archive, wanted))
        differences += counted.differences
    return Plan(wanted.mode, planned, differences[:MOST_DIFFERENCES])


def _require_references(
    part: Part, batch: Sequence[Unit], parts: Sequence[Part], *, using: str
) -> None:
    """Refuse what names rows that are neither in the database nor to be restored."""
    coming = {table.name for wanted in parts for table in wanted.tables}
    rows = [unit.root for unit in batch]
    for column in part.table.columns:
        target = target_of(column)
        if target is None or column.null or target.name in coming:
            continue
        known = target.find(references(column.name, rows), using)
        orphans = sum(frozen(row[column.name]) not in known for row in rows)
        if orphans:
            raise BackupRefusedError(
                "orphans", count=orphans, name=part.table.name, what=target.name
            )


class _Counted:
    """What was found of one part."""

    def __init__(self, part: Part, since: datetime) -> None:
        self.part = part
        self._since = since
        self.fates: Counter[Fate] = Counter()
        self.held = 0
        self.met = 0
        self.met_removable = 0
        self.differences: list[str] = []

    def add(
        self, batch: Sequence[Unit], stored: Mapping[Key, StoredUnit], mode: Mode
    ) -> None:
        for unit in batch:
            here = stored.get(unit.key)
            decision = decide(self.part, unit, here, mode)
            self._count(decision, unit, here)

    def _count(self, decision: Decision, unit: Unit, here: StoredUnit | None) -> None:
        self.fates[decision.fate] += 1
        if decision.fate in {Fate.ADDED, Fate.CHANGED}:
            self.held += unit.root.get("error_code") == RESTORED
            if len(self.differences) < MOST_DIFFERENCES:
                self.differences.append(f"{self.part.table.name}: {_name(unit)}")
        if here is not None:
            self.met += 1
            self.met_removable += is_removable(self.part, here.unit, self._since)


def _name(unit: Unit) -> str:
    return " ".join(str(word) for word in unit.key)


def _finished(counted: _Counted, archive: Archive, wanted: Wanted) -> PartPlan:
    part, using = counted.part, wanted.using
    since = archive.manifest.logs_since
    here = part.table.query(using).count()
    removed = 0
    if wanted.mode is Mode.REPLACE:
        going = part.table.query(using).filter(removable(part, since)).count()
        removed = max(going - counted.met_removable, 0)
    fates = counted.fates
    return PartPlan(
        kind=part.kind,
        table=part.table.name,
        title=str(part.title),
        added=fates[Fate.ADDED],
        changed=fates[Fate.CHANGED],
        same=fates[Fate.SAME],
        left=here - counted.met - removed + fates[Fate.LEFT],
        removed=removed,
        held=counted.held,
    )
