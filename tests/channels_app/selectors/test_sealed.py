"""Whether this process has the keys of the stored secrets."""

import pytest
from django.core.management import CommandError, call_command

from channels_app.selectors.sealed import SealedSecrets, sealed_secrets
from tests.channels_app.delivery.deliveries import webhook_config

pytestmark = pytest.mark.django_db

OTHER_KEY = "x" * 32


def test_secrets_under_the_key_of_this_process_are_known() -> None:
    webhook_config("https://receiver.example/")
    webhook_config("https://receiver.example/", user_id="u2", secret_data=None)
    assert sealed_secrets() == SealedSecrets(known=1, unknown=0)
    assert sealed_secrets().problem == ""


def test_an_old_key_still_counts(settings: object) -> None:
    webhook_config("https://receiver.example/")
    old = settings.ENCRYPT_KEY  # type: ignore[attr-defined]
    settings.ENCRYPT_KEY = OTHER_KEY  # type: ignore[attr-defined]
    settings.ENCRYPT_KEYS_OLD = [old]  # type: ignore[attr-defined]
    assert sealed_secrets().problem == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", ["up", "worker"])
def test_a_key_that_opens_nothing_stops_the_start(
    settings: object, command: str
) -> None:
    webhook_config("https://receiver.example/")
    settings.ENCRYPT_KEY = OTHER_KEY  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="ENCRYPT_KEY opens none") as refused:
        call_command(command)
    assert refused.value.returncode == 2


def test_one_secret_under_a_lost_key_stops_nothing(settings: object) -> None:
    webhook_config("https://receiver.example/")
    settings.ENCRYPT_KEY = OTHER_KEY  # type: ignore[attr-defined]
    webhook_config("https://receiver.example/", user_id="u2")
    assert sealed_secrets() == SealedSecrets(known=1, unknown=1)
    assert sealed_secrets().problem == ""
