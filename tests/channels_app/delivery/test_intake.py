"""What is stored once stays so: keys and signatures are spent with the deliveries."""

import json

import pytest
from django.db import connection

from channels_app.delivery.intake import Entry, store_entries
from channels_app.delivery.once import (
    IdempotencyClaim,
    KeyTakenError,
    SignatureSpentError,
    SignatureUse,
)
from channels_app.models import NotificationLog
from tests.channels_app.delivery.deliveries import (
    default_client,
    new_delivery,
    webhook_config,
)

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://receiver.example/hook"


def store_one(
    *, key: str | None = None, signature: str | None = None
) -> dict[str, int]:
    claim = key and IdempotencyClaim(default_client().pk, "u1", key, "hash")
    entry = Entry(
        [new_delivery(None)], lambda stored: json.dumps(stored.ids), claim or None
    )
    return store_entries(
        [entry],
        after_commit=lambda: None,
        signature=SignatureUse(signature, 60) if signature else None,
    ).ids


def test_a_key_stores_once() -> None:
    store_one(key="k1")
    with pytest.raises(KeyTakenError):
        store_one(key="k1")
    store_one(key="k2")
    assert NotificationLog.objects.count() == 2


@pytest.mark.parametrize("key", [None, "k1"])
def test_a_signature_stores_once(key: str | None) -> None:
    store_one(signature="s1", key=key)
    with pytest.raises(SignatureSpentError):
        store_one(signature="s1", key=key and f"{key} again")
    store_one(signature="s2", key=key and f"{key} anew")
    assert NotificationLog.objects.count() == 2


def test_what_a_taken_key_refuses_leaves_its_signature_unspent() -> None:
    store_one(key="k1", signature="s1")
    with pytest.raises(KeyTakenError):
        store_one(key="k1", signature="s2")
    store_one(signature="s2")
    assert NotificationLog.objects.count() == 2


def test_a_refusal_leaves_no_transaction_open() -> None:
    webhook_config(URL)
    store_one(signature="s1")
    with pytest.raises(SignatureSpentError):
        store_one(signature="s1")
    assert not connection.in_atomic_block
