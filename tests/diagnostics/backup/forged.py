"""Backups as somebody who has the key, and bad intentions, could make them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from diagnostics.backup.archive import opened
from diagnostics.backup.manifest import Manifest, PartFacts
from diagnostics.backup.seal import PLACEHOLDER, SealingWriter
from diagnostics.backup.tables import Row

Parts = dict[str, bytes]


def taken_apart(path: Path) -> tuple[Manifest, Parts]:
    """Return the table of contents and the text of each part."""
    with opened(path) as archive, ZipFile(path) as plain:
        names = archive.manifest.parts
        return archive.manifest, {n: plain.read(f"{n}.jsonl") for n in names}


def put_together(
    path: Path,
    manifest: Manifest,
    parts: Mapping[str, bytes],
    *,
    about: bytes | None = None,
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a sealed archive of these; the table of contents says what it is told."""
    with path.open("wb") as raw:
        writer: Any = SealingWriter(raw)
        with ZipFile(writer, "w", ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(f"{name}.jsonl", text)
            for name, text in (extra or {}).items():
                archive.writestr(name, text)
            archive.writestr("manifest.json", about or manifest.as_json())
            archive.comment = PLACEHOLDER
        writer.seal()
    return path


def forged(
    path: Path, table: str, change: Callable[[bytes], bytes], **lies: Any
) -> Path:
    """Return a backup with one part changed, and a table of contents that fits it."""
    manifest, parts = taken_apart(path)
    parts[table] = change(parts[table])
    facts = {**manifest.parts, table: replace(facts_of(parts[table]), **lies)}
    forged = path.with_suffix(".forged")
    return put_together(forged, replace(manifest, parts=facts), parts)


def facts_of(text: bytes) -> PartFacts:
    sha256 = hashlib.sha256(text).hexdigest()
    return PartFacts(text.count(b"\n"), len(text), sha256, 0)


def with_row(change: Callable[[Row], object]) -> Callable[[bytes], bytes]:
    """Return what changes the first row of a part."""

    def changed(text: bytes) -> bytes:
        first, rest = text.split(b"\n", 1)
        row = json.loads(first)
        change(row)
        return json.dumps(row).encode() + b"\n" + rest

    return changed


def with_value(column: str, value: object) -> Callable[[bytes], bytes]:
    return with_row(lambda row: row.update({column: value}))
