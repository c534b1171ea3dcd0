"""How a template of a backup joins one that lives: as a new version of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

Row = Mapping[str, object]

_NOT_ITS_STATE = frozenset({"id", "version", "created_at", "updated_at"})


def is_same_state(one: Row, other: Row) -> bool:
    """Return whether two rows of a template say the same, whatever their versions."""
    return _state(one) == _state(other)


def _state(template: Row) -> dict[str, object]:
    return {name: v for name, v in template.items() if name not in _NOT_ITS_STATE}


def next_version(*, restored: Row, stored: Row, versions: Sequence[Row]) -> int:
    """Return the number of the version that a restore adds to a template's own."""
    numbers = [restored["version"], stored["version"]]
    numbers += [version["number"] for version in versions]
    return max(number for number in numbers if isinstance(number, int)) + 1


def version_restored(version: Row, number: int) -> dict[str, object]:
    """Return a version of the backup as the newest one, with a note of where from."""
    note = _("Restored from a backup: it was version %(number)s there.")
    told = note % {"number": version["number"]}
    return {**version, "id": None, "number": number, "author": "restore", "note": told}
