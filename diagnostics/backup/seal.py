"""The seal at a backup's end: an HMAC over everything before it.

It stands in the comment of the zip archive, so that any program still opens that.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import BinaryIO, Protocol

from channels_app.selectors.keys import current_key_id, derived_key
from diagnostics.backup.refusals import BackupRefusedError

FORMAT = 1
PURPOSE = "backup-seal"
_NAME = b"notify-backup"
_BLOCK = 1 << 20
_KEY_ID, _MAC, _FORMAT = 8, 64, 4
SEAL_BYTES = len(_NAME) + 1 + _FORMAT + 1 + _KEY_ID + 1 + _MAC
PLACEHOLDER = b"\0" * SEAL_BYTES


class Writable(Protocol):
    """What can be written to."""

    def write(self, data: bytes, /) -> object: ...


class SealingWriter:
    """Passes on what is written, but for the placeholder at its end; then seals it."""

    def __init__(self, out: Writable) -> None:
        self._out = out
        self._key_id = current_key_id()
        self._mac = _mac(self._key_id)
        self._tail = b""

    def write(self, data: bytes) -> int:
        """Take bytes; the last ones are held back."""
        block = self._tail + bytes(data)
        ready, self._tail = block[:-SEAL_BYTES], block[-SEAL_BYTES:]
        self._mac.update(ready)
        self._out.write(ready)
        return len(data)

    def flush(self) -> None:
        """Do nothing: whoever opened the file flushes it."""

    def seal(self) -> None:
        """Write the seal in the place of the placeholder."""
        if self._tail != PLACEHOLDER:
            raise ValueError("The archive does not end with the placeholder.")
        self._out.write(_seal(self._key_id, self._mac.hexdigest()))


def _seal(key_id: str, mac: str) -> bytes:
    number = b"%04d" % FORMAT
    return b":".join([_NAME, number, key_id.encode(), mac.encode()])


def _mac(key_id: str) -> hmac.HMAC:
    key = derived_key(key_id, PURPOSE)
    if key is None:
        raise BackupRefusedError("foreign_key", key=key_id)
    return hmac.new(key, digestmod=hashlib.sha256)


def check_seal(file: BinaryIO) -> str:
    """Return the id of the key that sealed a file that is whole and unchanged.

    Raises BackupRefusedError: not_a_backup, newer_format, foreign_key, damaged.
    """
    size = file.seek(0, 2)
    file.seek(max(size - SEAL_BYTES, 0))
    key_id, mac = _parsed(file.read(SEAL_BYTES))
    computed = _mac(key_id)
    file.seek(0)
    left = size - SEAL_BYTES
    while left > 0:
        block = file.read(min(_BLOCK, left))
        if not block:
            break
        computed.update(block)
        left -= len(block)
    if not hmac.compare_digest(computed.hexdigest().encode(), mac):
        raise BackupRefusedError("damaged")
    return key_id


def _parsed(seal: bytes) -> tuple[str, bytes]:
    words = seal.split(b":")
    lengths = [len(word) for word in words]
    if lengths != [len(_NAME), _FORMAT, _KEY_ID, _MAC] or words[0] != _NAME:
        raise BackupRefusedError("not_a_backup")
    if not words[1].isdigit() or not words[2].isalnum():
        raise BackupRefusedError("not_a_backup")
    if int(words[1]) > FORMAT:
        shown = int(words[1])
        raise BackupRefusedError("newer_format", format=shown, known=FORMAT)
    if int(words[1]) < FORMAT:
        raise BackupRefusedError("damaged")
    return words[2].decode(errors="replace"), words[3]
