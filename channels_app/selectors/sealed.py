"""Which keys the stored secrets were sealed with, and whether this process has them."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, QuerySet
from django.db.models.functions import Substr

from channels_app.models import ApiClient, UserConfig
from channels_app.models.ciphers import VERSION
from channels_app.models.encrypted import CannotDecryptError, EncryptedField, keyring

_ID_STARTS = len(VERSION) + 2
_ID_LENGTH = 8


@dataclass(frozen=True)
class SealedSecrets:
    """How many stored secrets this process can open, and how many it cannot."""

    known: int
    unknown: int

    @property
    def problem(self) -> str:
        """What is wrong with ENCRYPT_KEY when not one secret opens; else nothing."""
        if not self.unknown or self.known:
            return ""
        return (
            f"ENCRYPT_KEY opens none of the {self.unknown} stored secrets "
            "(settings.E012).\nSet it to the key they were stored with, or add that key "
            "to ENCRYPT_KEYS_OLD."
        )


def sealed_secrets() -> SealedSecrets:
    """Count the stored secrets by whether their key is known here."""
    ids = [
        *_key_ids(UserConfig.objects.all(), "secret_data"),
        *_key_ids(ApiClient.objects.all(), "secret"),
        *_key_ids(ApiClient.objects.all(), "old_secret"),
    ]
    known = sum(key_id in keyring().key_ids for key_id in ids)
    return SealedSecrets(known, len(ids) - known)


def _key_ids(
    rows: QuerySet[UserConfig] | QuerySet[ApiClient], column: str
) -> list[str]:
    sealed = rows.filter(**{f"{column}__isnull": False})
    found = sealed.annotate(key_of=Substr(column, _ID_STARTS, _ID_LENGTH))
    return [str(key_id) for key_id in found.values_list("key_of", flat=True)]


def shut_secrets() -> tuple[int, list[str]]:
    """Open every stored secret; return how many there are and which do not open."""
    total = 0
    shut: list[str] = []
    for model in apps.get_app_config("channels_app").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedField):
                count, names = _shut_in(model, field.name)
                total, shut = total + count, [*shut, *names]
    return total, shut


def _shut_in(model: type[Model], column: str) -> tuple[int, list[str]]:
    rows: QuerySet[Model] = QuerySet(model).filter(**{f"{column}__isnull": False})
    count = 0
    shut: list[str] = []
    for key, secret in rows.values_list("pk", column).iterator(chunk_size=1000):
        count += 1
        try:
            secret.reveal()
        except CannotDecryptError:
            shut.append(f"{model._meta.verbose_name} {key}")
    return count, shut
