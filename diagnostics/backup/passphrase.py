"""Encryption of a whole backup with a passphrase: scrypt, then AES-256-GCM in chunks.

Each chunk is sealed with its number and whether it is the last, so chunks cannot be
left out, swapped or added; and any of them can be read without those before it.
"""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.seal import Writable

MAGIC = b"NTFYENC1"
LEAST_CHARACTERS = 12
CHUNK = 64 * 1024
TAG = 16
_SALT, _PREFIX = 16, 7
HEADER = len(MAGIC) + _SALT + _PREFIX
# 32 MB and some 100 ms for each guess.
_COST, _BLOCK_SIZE, _LANES = 2**15, 8, 1


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    kdf = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK_SIZE, p=_LANES)
    return AESGCM(kdf.derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


class EncryptingWriter:
    """Encrypts what is written; `close` writes the last chunk."""

    def __init__(self, out: Writable, passphrase: str) -> None:
        if len(passphrase) < LEAST_CHARACTERS:
            raise BackupRefusedError("passphrase_short", least=LEAST_CHARACTERS)
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._cipher = _cipher(passphrase, salt)
        self._out = out
        self._header = MAGIC + salt + self._prefix
        self._waiting = bytearray()
        self._number = 0
        out.write(self._header)

    def write(self, data: bytes) -> int:
        """Take bytes; whole chunks go out, a last one never before `close`."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._write_chunk(is_last=False)
        return len(data)

    def close(self) -> None:
        """Write what is left as the last chunk."""
        self._write_chunk(is_last=True)

    def _write_chunk(self, *, is_last: bool) -> None:
        chunk = bytes(self._waiting[:CHUNK])
        del self._waiting[:CHUNK]
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._out.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1


class DecryptingReader(io.RawIOBase):
    """Reads an encrypted file from any place; raises BackupRefusedError."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        super().__init__()
        size = file.seek(0, 2)
        file.seek(0)
        self._file = file
        self._header = file.read(HEADER)
        salt = self._header[len(MAGIC) : len(MAGIC) + _SALT]
        self._prefix = self._header[len(MAGIC) + _SALT :]
        body = size - HEADER
        self._chunks = -(-body // (CHUNK + TAG))
        self._size = body - self._chunks * TAG
        if len(self._header) < HEADER or self._size < 0 or self._chunks < 1:
            raise BackupRefusedError("damaged")
        self._cipher = _cipher(passphrase, salt)
        self._at = 0
        self._number, self._chunk = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        start = (0, self._at, self._size)[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]
        number, inside = divmod(self._at, CHUNK)
        if self._at >= self._size:
            return 0
        piece = self._opened(number)[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _opened(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(HEADER + number * (CHUNK + TAG))
            sealed = self._file.read(CHUNK + TAG)
            nonce = _nonce(self._prefix, number, is_last=number == self._chunks - 1)
            try:
                self._chunk = self._cipher.decrypt(nonce, sealed, self._header)
            except InvalidTag as error:
                raise BackupRefusedError("passphrase_wrong") from error
            self._number = number
        return self._chunk


def is_encrypted(file: BinaryIO) -> bool:
    """Return whether a file begins as an encrypted backup does."""
    file.seek(0)
    beginning = file.read(len(MAGIC))
    file.seek(0)
    return beginning == MAGIC
