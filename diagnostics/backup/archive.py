"""Reading a backup, trusting nothing in it before the seal is checked, and little after.

What is read is never written to a path of the archive's choosing, never larger than
the table of contents says, and a line at a time.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - it is one

from diagnostics.backup import manifest as contents
from diagnostics.backup.manifest import Manifest, PartFacts, read_manifest
from diagnostics.backup.passphrase import DecryptingReader, is_encrypted
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.seal import check_seal
from diagnostics.backup.tables import Table

MOST_LINE_BYTES = 16 << 20
# Rows that are much alike pack to a fiftieth; zeros to a thousandth.
MOST_RATIO = 200
ALWAYS_ALLOWED = 64 << 20
_BLOCK = 64 * 1024
_BROKEN = (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError)


def entry_name(table: Table) -> str:
    """Return the name of a table's part in the archive."""
    return f"{table.name}.jsonl"


@dataclass(frozen=True)
class Archive:
    """An open backup whose seal is good."""

    manifest: Manifest
    key_id: str
    is_encrypted: bool
    _zip: ZipFile

    def has(self, table: Table) -> bool:
        """Return whether the backup holds a table, be it empty."""
        return table.name in self.manifest.parts

    def lines(self, table: Table) -> Iterator[bytes]:
        """Yield the lines of a part; refuse what the table of contents does not say.

        Raises BackupRefusedError, at the latest after the last line.
        """
        facts = self.manifest.parts[table.name]
        try:
            with self._zip.open(entry_name(table)) as entry:
                yield from _checked_lines(entry, table.name, facts)
        except _BROKEN as error:
            raise BackupRefusedError("wrong_part", name=table.name) from error


def _checked_lines(entry: IO[bytes], name: str, facts: PartFacts) -> Iterator[bytes]:
    digest, rows = hashlib.sha256(), 0
    for line in _lines(entry, name, facts.bytes):
        digest.update(line)
        rows += 1
        yield line
    if rows != facts.rows or digest.hexdigest() != facts.sha256:
        raise BackupRefusedError("wrong_part", name=name)


def _lines(entry: IO[bytes], name: str, most: int) -> Iterator[bytes]:
    """Split a part into lines, holding a single one, and no more than it may have."""
    waiting, read, number = b"", 0, 1
    while block := entry.read(_BLOCK):
        read += len(block)
        if read > most:
            raise BackupRefusedError("too_large", name=name)
        *whole, waiting = (waiting + block).split(b"\n")
        if len(waiting) > MOST_LINE_BYTES:
            number += len(whole)
            raise BackupRefusedError(
                "line_too_long", line=number, name=name, most=MOST_LINE_BYTES
            )
        number += len(whole)
        for line in whole:
            yield line + b"\n"
    if waiting:
        raise BackupRefusedError("wrong_part", name=name)


def needs_passphrase(path: Path) -> bool:
    """Return whether a backup is encrypted as a whole."""
    try:
        with path.open("rb") as file:
            return is_encrypted(file)
    except OSError as error:
        raise BackupRefusedError("not_readable", why=error.strerror) from error


@contextmanager
def opened(path: Path, passphrase: str = "") -> Iterator[Archive]:
    """Open a backup and check its seal, its parts and their sizes.

    Raises BackupRefusedError before anything in it is used.
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise BackupRefusedError("not_readable", why=error.strerror) from error
        encrypted = is_encrypted(raw)
        file = _decrypted(raw, passphrase) if encrypted else raw
        key_id = check_seal(file)
        archive = stack.enter_context(_zip(file))
        yield Archive(_checked_manifest(archive), key_id, encrypted, archive)


def _decrypted(raw: BinaryIO, passphrase: str) -> BinaryIO:
    if not passphrase:
        raise BackupRefusedError("passphrase_needed")
    reader = cast(io.RawIOBase, DecryptingReader(raw, passphrase))
    return io.BufferedReader(reader, 2 * _BLOCK)


def _zip(file: BinaryIO) -> ZipFile:
    try:
        return ZipFile(file)
    except (*_BROKEN, OSError, ValueError) as error:
        raise BackupRefusedError("wrong_manifest") from error


def _checked_manifest(archive: ZipFile) -> Manifest:
    entries = _entries(archive)
    about = entries.pop(contents.NAME, None)
    if about is None or about.file_size > contents.MOST_BYTES:
        raise BackupRefusedError("wrong_manifest")
    try:
        with archive.open(about) as entry:
            manifest = read_manifest(entry.read(contents.MOST_BYTES))
    except _BROKEN as error:
        raise BackupRefusedError("wrong_manifest") from error
    _require_the_parts(manifest, entries)
    return manifest


def _entries(archive: ZipFile) -> dict[str, ZipInfo]:
    found: dict[str, ZipInfo] = {}
    for info in archive.infolist():
        is_plain = info.compress_type == ZIP_DEFLATED and not info.flag_bits & 1
        if info.filename in found or not is_plain:
            raise BackupRefusedError("wrong_parts", name=_shown(info.filename))
        found[info.filename] = info
    return found


def _require_the_parts(manifest: Manifest, entries: dict[str, ZipInfo]) -> None:
    named = {f"{name}.jsonl": facts for name, facts in manifest.parts.items()}
    for name in named.keys() ^ entries.keys():
        raise BackupRefusedError("wrong_parts", name=_shown(name))
    for name, info in entries.items():
        size = named[name].bytes
        is_bomb = size > max(ALWAYS_ALLOWED, MOST_RATIO * info.compress_size)
        if info.file_size != size or is_bomb:
            raise BackupRefusedError("too_large", name=_shown(name))


def _shown(name: str) -> str:
    return "".join(c if c.isalnum() or c in "._-/" else "?" for c in name)[:80]
