"""Encryption of secrets at rest: AES-256-GCM, with the key's id in the ciphertext.

A ciphertext reads `v1:<key id>:<base64 of nonce and sealed text>`. It is bound to the
place it was made for (table and column), so it cannot be moved to another one.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
NONCE_BYTES = 12


class CannotDecryptError(Exception):
    """A stored secret does not open: its key is missing, or it was damaged."""


def key_id(key: str) -> str:
    """Return eight characters that name a key and reveal nothing about it."""
    return hashlib.sha256(b"key-id:" + key.encode()).hexdigest()[:8]


def _cipher(key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"at-rest:" + key.encode()).digest())


class Keyring:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._current = key_id(keys[0])
        self._keys = {key_id(key): key for key in keys}
        self._ciphers = {key_id(key): _cipher(key) for key in keys}

    @property
    def current_key_id(self) -> str:
        return self._current

    @property
    def key_ids(self) -> frozenset[str]:
        return frozenset(self._ciphers)

    def derived(self, wanted: str, purpose: str) -> bytes | None:
        """Return a key for another purpose made from one of these, None if unknown."""
        key = self._keys.get(wanted)
        return hashlib.sha256(f"{purpose}:{key}".encode()).digest() if key else None

    def seal(self, text: str, place: str) -> str:
        """Return the ciphertext of `text`, bound to `place`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(
            nonce, text.encode(), place.encode()
        )
        body = base64.b64encode(nonce + sealed).decode()
        return f"{VERSION}:{self._current}:{body}"

    def open(self, ciphertext: str, place: str) -> str:
        """Return the text. Raises CannotDecryptError, never returns a wrong one."""
        version, _, rest = ciphertext.partition(":")
        wanted, _, body = rest.partition(":")
        cipher = self._ciphers.get(wanted)
        if version != VERSION or cipher is None:
            raise CannotDecryptError(
                f"The secret in {place} was sealed with key {wanted or '?'}, which is "
                "neither ENCRYPT_KEY nor in ENCRYPT_KEYS_OLD."
            )
        return self._open(cipher, body, place)

    def _open(self, cipher: AESGCM, body: str, place: str) -> str:
        try:
            raw = base64.b64decode(body, validate=True)
            opened = cipher.decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise CannotDecryptError(
                f"The secret in {place} is damaged or was moved there."
            ) from error
        return opened.decode()
