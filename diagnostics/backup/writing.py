"""Writing a backup: every table from one snapshot, row by row, into one sealed file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from channels_app.selectors.keys import key_id_of, known_key_ids, sealed_columns
from diagnostics.backup import manifest as contents
from diagnostics.backup.archive import MOST_LINE_BYTES, entry_name
from diagnostics.backup.databases import present, snapshot
from diagnostics.backup.manifest import Manifest, PartFacts
from diagnostics.backup.parts import PARTS, Part, condition, parent_column
from diagnostics.backup.passphrase import EncryptingWriter
from diagnostics.backup.progress import OnProgress, Steps, in_silence
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.seal import PLACEHOLDER, SealingWriter, Writable
from diagnostics.backup.tables import Row, Table

LEVEL = 6
PARTIAL = ".partial"


@dataclass
class _Tally:
    """What was written of a part so far."""

    rows: int = 0
    size: int = 0
    greatest: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, line: bytes, number: object) -> None:
        self.rows += 1
        self.size += len(line)
        self.digest.update(line)
        if isinstance(number, int):
            self.greatest = max(self.greatest, number)

    def facts(self) -> PartFacts:
        sha256 = self.digest.hexdigest()
        return PartFacts(self.rows, self.size, sha256, self.greatest)


def write_backup(
    path: Path,
    *,
    logs_days: int,
    passphrase: str = "",
    on_progress: OnProgress = in_silence,
) -> Manifest:
    """Write a backup of this moment; the file appears under its name when it is whole.

    Raises BackupRefusedError.
    """
    try:
        with _appearing(path) as raw:
            out = EncryptingWriter(raw, passphrase) if passphrase else raw
            with snapshot() as using:
                manifest = _write_archive(out, using, logs_days, on_progress)
            if isinstance(out, EncryptingWriter):
                out.close()
    except OSError as error:
        raise BackupRefusedError("not_writable", why=error.strerror) from error
    return manifest


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    """Write under another name, and give the file its name when it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        _sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _write_archive(
    out: Writable, using: str, logs_days: int, on_progress: OnProgress
) -> Manifest:
    now = present(using)
    manifest = contents.new_manifest(
        made_at=now,
        logs_since=now - timedelta(days=logs_days),
        logs_days=logs_days,
        using=using,
    )
    writer = SealingWriter(out)
    with ZipFile(_stream(writer), "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        manifest = _write_parts(archive, manifest, using, on_progress)
        archive.writestr(_entry(contents.NAME), manifest.as_json())
        archive.comment = PLACEHOLDER
    writer.seal()
    return manifest


def _stream(writer: SealingWriter) -> IO[bytes]:
    # To write, a zip archive needs no more of a file than this.
    stream: IO[bytes] = writer  # type: ignore[assignment]
    return stream


def _write_parts(
    archive: ZipFile, manifest: Manifest, using: str, on_progress: OnProgress
) -> Manifest:
    queries = [
        (part, table, table.query(using).filter(condition(part, table, since)))
        for since in [manifest.logs_since]
        for part in PARTS
        for table in part.tables
    ]
    steps = Steps(sum(query.count() for _, _, query in queries), on_progress)
    parts, key_ids = {}, set[str]()
    for part, table, query in queries:
        rows = table.rows(query.order_by(*_order(part, table)))
        parts[table.name] = _write_part(archive, table, rows, steps, key_ids)
    return replace(
        manifest,
        parts=parts,
        key_ids=tuple(sorted(key_ids)),
        lost_key_ids=tuple(sorted(key_ids - known_key_ids())),
    )


def _order(part: Part, table: Table) -> list[str]:
    """Return the order in which the rows of a unit follow its own."""
    if table is part.table:
        return ["pk"]
    parent = table.by_name[parent_column(part, table)]
    return [parent.attname, "pk"]


def _write_part(
    archive: ZipFile,
    table: Table,
    rows: Iterator[Row],
    steps: Steps,
    key_ids: set[str],
) -> PartFacts:
    tally, sealed = _Tally(), sealed_columns(table.model)
    with archive.open(_entry(entry_name(table)), "w", force_zip64=True) as entry:
        for row in rows:
            line = _line(row)
            if len(line) > MOST_LINE_BYTES:
                raise BackupRefusedError(
                    "line_too_long",
                    line=tally.rows + 1,
                    name=table.name,
                    most=MOST_LINE_BYTES,
                )
            entry.write(line)
            tally.add(line, row[table.pk.name])
            key_ids.update(key_id_of(str(row[c])) for c in sealed if row[c])
            steps.add(table.name, 1)
    return tally.facts()


def _line(row: Row) -> bytes:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half a pair of surrogates, which JSON can escape
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _entry(name: str) -> ZipInfo:
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
