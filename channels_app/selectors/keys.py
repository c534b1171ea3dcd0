"""The keys of this process for other apps: their ids, and keys that are made from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from channels_app.models.ciphers import VERSION
from channels_app.models.encrypted import CannotDecryptError, EncryptedField, keyring

_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class LostSecret:
    """A stored secret that does not open: where it is, and why; never what it holds."""

    place: str
    row: str
    reason: str


def current_key_id() -> str:
    """Return the id of the key that seals."""
    return keyring().current_key_id


def known_key_ids() -> frozenset[str]:
    """Return the ids of all keys that open."""
    return keyring().key_ids


def derived_key(key_id: str, purpose: str) -> bytes | None:
    """Return a key for another purpose; None when the key of that id is not here."""
    return keyring().derived(key_id, purpose)


def key_id_of(ciphertext: str) -> str:
    """Return the id of the key that sealed this; empty when it is no ciphertext."""
    version, _, rest = ciphertext.partition(":")
    return rest.partition(":")[0] if version == VERSION else ""


def sealed_columns(model: type[Model]) -> frozenset[str]:
    """Return the names of a model's columns that hold ciphertexts."""
    columns = model._meta.concrete_fields
    return frozenset(c.name for c in columns if isinstance(c, EncryptedField))


def lost_secrets(*, using: str = "default") -> Iterator[LostSecret]:
    """Open every stored secret of every table; yield those that do not open."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedField):
                yield from _lost_in(model, field, using)


def _lost_in(
    model: type[Model], field: EncryptedField, using: str
) -> Iterator[LostSecret]:
    rows = model._meta.base_manager.using(using)
    sealed = rows.filter(**{f"{field.name}__isnull": False}).order_by("pk")
    for row in sealed.iterator(chunk_size=_ROWS_AT_ONCE):
        try:
            getattr(row, field.attname).reveal()
        except CannotDecryptError as error:
            yield LostSecret(field.place, str(row.pk), str(error))
