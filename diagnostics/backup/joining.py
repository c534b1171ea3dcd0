"""What becomes of one unit of a backup: added, changed, as it is, or left alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from channels_app.services.restored import is_settled
from diagnostics.backup.parts import Joining, Part, Unit
from diagnostics.backup.stored import StoredUnit, is_same, same_rows
from diagnostics.backup.tables import Row, table_of
from templates_app.services.restored import (
    is_same_state,
    next_version,
    version_restored,
)


class Mode(StrEnum):
    """Whether what the backup does not hold stays."""

    MERGE = "merge"
    REPLACE = "replace"


class Fate(StrEnum):
    """What a restore does with a unit."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    LEFT = "left"


@dataclass(frozen=True)
class Decision:
    """The fate of a unit, and the unit as it is to be stored."""

    fate: Fate
    unit: Unit


def decide(part: Part, wanted: Unit, stored: StoredUnit | None, mode: Mode) -> Decision:
    """Return what a restore does with a unit of the backup."""
    if stored is None:
        return Decision(Fate.ADDED, wanted)
    if is_same(part, wanted, stored.unit):
        return Decision(Fate.SAME, wanted)
    if part.joining is Joining.FURTHER and not _is_further(wanted, stored.unit):
        return Decision(Fate.LEFT, wanted)
    if part.joining is Joining.NEW_VERSION and mode is Mode.MERGE:
        return _as_new_version(wanted, stored.unit)
    return Decision(Fate.CHANGED, wanted)


def _is_further(wanted: Unit, stored: Unit) -> bool:
    """Return whether only the backup knows how a delivery ended."""
    return is_settled(wanted.root["status"]) and not is_settled(stored.root["status"])


def _as_new_version(wanted: Unit, stored: Unit) -> Decision:
    """Let the backup's state follow the versions that are here; none of them goes."""
    contents = table_of("templates_app.TemplateContent")
    versions = table_of("templates_app.TemplateVersion").name
    is_same = is_same_state(wanted.root, stored.root) and same_rows(
        contents, wanted.children[contents.name], stored.children[contents.name]
    )
    if is_same:
        return Decision(Fate.SAME, stored)
    own = stored.children[versions]
    number = next_version(restored=wanted.root, stored=stored.root, versions=own)
    current = wanted.root["version"]
    added: list[Row] = [
        version_restored(version, number)
        for version in wanted.children[versions]
        if version["number"] == current
    ]
    children = {
        **stored.children,
        contents.name: wanted.children[contents.name],
        versions: [*own, *added],
    }
    root = {**wanted.root, "version": number}
    return Decision(Fate.CHANGED, Unit(wanted.key, root, children))
