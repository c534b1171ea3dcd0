"""A model field that is encrypted at rest and never leaves in clear by accident."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from channels_app.models.ciphers import VERSION, CannotDecryptError, Keyring


@lru_cache(maxsize=4)
def _keyring_of(keys: tuple[str, ...]) -> Keyring:
    return Keyring(keys)


def keyring() -> Keyring:
    """Return the keys of this process, newest first."""
    return _keyring_of((settings.ENCRYPT_KEY, *settings.ENCRYPT_KEYS_OLD))


class Secret:
    """A JSON value that shows itself only when asked to.

    One that was loaded holds the ciphertext and opens it in `reveal`, so a row with
    a lost key still loads and says at its use what is wrong.
    """

    __slots__ = ("_ciphertext", "_place", "_value")

    def __init__(
        self, value: Any = None, *, ciphertext: str = "", place: str = ""
    ) -> None:
        self._value = value
        self._ciphertext = ciphertext
        self._place = place

    def reveal(self) -> Any:
        """Return the value. Raises CannotDecryptError when its key is missing."""
        if not self._ciphertext:
            return self._value
        return json.loads(keyring().open(self._ciphertext, self._place))

    def sealed(self, place: str) -> str:
        """Return the ciphertext for a place; what was loaded from there is kept."""
        if self._ciphertext and self._place == place:
            return self._ciphertext
        return keyring().seal(json.dumps(self.reveal(), ensure_ascii=False), place)

    def __repr__(self) -> str:
        return "<secret>"


class EncryptedField(models.TextField[Any, Any]):
    """Holds a `Secret` or None. Dumps and histories get the ciphertext."""

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(
        self,
        value: str | None,
        expression: Expression,
        connection: BaseDatabaseWrapper,
    ) -> Secret | None:
        return Secret(ciphertext=value, place=self.place) if value else None

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Secret):
            raise TypeError(f"{self.place} takes a Secret, not {type(value).__name__}.")
        return value.sealed(self.place)

    def to_python(self, value: Any) -> Secret | None:
        """Read what a dump holds: the ciphertext."""
        if value is None or isinstance(value, Secret):
            return value
        text = str(value)
        if not text.startswith(f"{VERSION}:"):
            return Secret(text)
        return Secret(ciphertext=text, place=self.place)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""


__all__ = ["CannotDecryptError", "EncryptedField", "Secret", "keyring"]
