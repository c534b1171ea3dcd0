"""What changed between two states of a template, line beside line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

FACTS = ("name", "description", "variables", "undefined")
PARTS = ("content_type", "subject_template", "content_template")

Snapshot = Mapping[str, object]


@dataclass(frozen=True)
class Row:
    """One line before and after; None where there is none; line numbers from 1."""

    kind: str  # same, changed, removed, added
    before_no: int | None
    before: str
    after_no: int | None
    after: str


@dataclass(frozen=True)
class Difference:
    """One field that differs; `channel` is empty for the template's own facts."""

    channel: str
    field: str
    rows: tuple[Row, ...]


def differences(before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
    """Compare two snapshots field by field, the template's own facts first."""
    old, new = _fields(before), _fields(after)
    places = sorted(old.keys() | new.keys(), key=lambda place: (place[0], place[1]))
    return tuple(
        Difference(channel, field, rows_of(old.get(place, ""), new.get(place, "")))
        for place in places
        if old.get(place, "") != new.get(place, "")
        for channel, field in (place,)
    )


def rows_of(before: str, after: str) -> tuple[Row, ...]:
    """Put two texts side by side, line by line."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    rows: list[Row] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        rows += _block(kind, list(enumerate(old))[i1:i2], list(enumerate(new))[j1:j2])
    return tuple(rows)


_KINDS = {
    "equal": "same",
    "replace": "changed",
    "delete": "removed",
    "insert": "added",
}
Lines = list[tuple[int, str]]


def _block(kind: str, old: Lines, new: Lines) -> Iterator[Row]:
    for at in range(max(len(old), len(new))):
        left = old[at] if at < len(old) else None
        right = new[at] if at < len(new) else None
        yield Row(
            kind=_KINDS[kind],
            before_no=left[0] + 1 if left else None,
            before=left[1] if left else "",
            after_no=right[0] + 1 if right else None,
            after=right[1] if right else "",
        )


def _fields(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Flatten a snapshot to texts by channel and field."""
    found = {("", name): _text(snapshot.get(name, "")) for name in FACTS}
    contents = snapshot.get("contents")
    for content in contents if isinstance(contents, list) else []:
        for part in PARTS:
            found[content["channel_type"], part] = _text(content.get(part, ""))
    return found


def _text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
