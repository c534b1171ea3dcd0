"""Two secrets of a client are good at once, and never more."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from channels_app.models import ApiClient, Secret
from channels_app.selectors.clients import signer_with
from channels_app.selectors.sealed import SealedSecrets, sealed_secrets
from channels_app.services.client_secrets import (
    OnlySecretError,
    SecretIsASettingError,
    Terms,
    TwoSecretsError,
    add_secret,
    change_client,
    create_client,
    retire_secret,
)
from tests.channels_app.rows import default_client

pytestmark = pytest.mark.django_db


def good_secrets(client: ApiClient) -> tuple[str, ...]:
    signer = signer_with(key_id=client.key_id)
    return signer.secrets if signer else ()


def test_a_new_secret_is_good_beside_the_present_one() -> None:
    first = create_client(name="shop", scopes=["send"])
    second = add_secret(client=first.client)
    assert good_secrets(first.client) == (second.secret, first.secret)
    assert second.secret != first.secret


def test_there_is_no_third() -> None:
    first = create_client(name="shop", scopes=["send"])
    second = add_secret(client=first.client)
    with pytest.raises(TwoSecretsError):
        add_secret(client=first.client)
    assert good_secrets(first.client) == (second.secret, first.secret)


def test_the_old_one_is_retired() -> None:
    first = create_client(name="shop", scopes=["send"])
    second = add_secret(client=first.client)
    retire_secret(client=first.client, is_old=True)
    assert good_secrets(first.client) == (second.secret,)
    third = add_secret(client=first.client)
    assert good_secrets(first.client) == (third.secret, second.secret)


def test_the_new_one_can_be_taken_back() -> None:
    first = create_client(name="shop", scopes=["send"])
    add_secret(client=first.client)
    kept = retire_secret(client=first.client, is_old=False)
    assert good_secrets(first.client) == (first.secret,)
    assert kept.secret_made_at is not None


@pytest.mark.parametrize("is_old", [True, False])
def test_the_only_one_stays(is_old: bool) -> None:
    first = create_client(name="shop", scopes=["send"])
    with pytest.raises(OnlySecretError):
        retire_secret(client=first.client, is_old=is_old)
    assert good_secrets(first.client) == (first.secret,)


def test_the_default_clients_secret_is_a_setting() -> None:
    with pytest.raises(SecretIsASettingError):
        add_secret(client=default_client())
    with pytest.raises(SecretIsASettingError):
        retire_secret(client=default_client(), is_old=True)


def test_times_go_with_their_secret() -> None:
    made = create_client(name="shop", scopes=["send"])
    client = ApiClient.objects.get(pk=made.client.pk)
    ApiClient.objects.filter(pk=client.pk).update(secret_used_at=client.created_at)
    add_secret(client=client)
    client.refresh_from_db()
    assert client.old_secret_used_at == client.created_at
    assert client.secret_used_at is None
    assert client.old_secret_made_at is not None
    assert client.secret_made_at is not None
    assert client.old_secret_made_at <= client.secret_made_at


def test_a_lost_old_secret_does_not_stop_the_new_one(settings: LazySettings) -> None:
    client = create_client(name="shop", scopes=["send"]).client
    add_secret(client=client)
    first_key = settings.ENCRYPT_KEY
    settings.ENCRYPT_KEY, settings.ENCRYPT_KEYS_OLD = "y" * 32, [first_key]
    ApiClient.objects.filter(pk=client.pk).update(secret=Secret("known again"))
    settings.ENCRYPT_KEYS_OLD = []
    assert good_secrets(client) == ("known again",)
    assert sealed_secrets() == SealedSecrets(known=1, unknown=1)


def test_a_secret_that_does_not_open_is_replaced(settings: LazySettings) -> None:
    client = create_client(name="shop", scopes=["send"]).client
    settings.ENCRYPT_KEY = "y" * 32
    made = add_secret(client=client)
    assert good_secrets(client) == (made.secret,)


def test_a_change_of_terms_keeps_both_secrets() -> None:
    first = create_client(name="shop", scopes=["send"])
    second = add_secret(client=first.client)
    terms = Terms(allowed_users=["team-*"], sends_per_minute=7, needs_signature_v2=True)
    change_client(client=second.client, name="Shop", scopes=["logs"], terms=terms)
    stored = ApiClient.objects.get(pk=first.client.pk)
    assert (stored.name, stored.scopes) == ("Shop", ["logs"])
    assert (stored.allowed_users, stored.sends_per_minute) == (["team-*"], 7)
    assert good_secrets(stored) == (second.secret, first.secret)


def test_no_secret_is_in_a_repr() -> None:
    first = create_client(name="shop", scopes=["send"])
    second = add_secret(client=first.client)
    told = repr((first, second, signer_with(key_id=first.client.key_id)))
    assert first.secret not in told
    assert second.secret not in told
