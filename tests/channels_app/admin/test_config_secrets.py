"""Secrets in the pages of channel configs: sealed, kept, replaced, never given back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from channels_app.models import UserConfig
from channels_app.senders.registry import SENDERS
from tests.channels_app.admin.config_pages import (
    CANARY,
    LIST,
    SECRETS,
    add_page,
    change_page,
    filled_in,
    on_every_form,
    stored,
)
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def test_every_kind_has_a_case_here() -> None:
    assert set(SECRETS) == set(SENDERS)


@pytest.mark.parametrize("kind", SENDERS)
def test_a_config_is_added_with_its_secrets_sealed(boss: Client, kind: str) -> None:
    response = boss.post(add_page(kind), filled_in(kind))

    assert response.status_code == 302, response.context["adminform"].errors
    config = UserConfig.objects.get()
    assert CANARY not in str(config.public_data)
    assert {name: config.config_data()[name] for name in SECRETS[kind]} == SECRETS[kind]


@pytest.mark.parametrize("kind", SENDERS)
@pytest.mark.parametrize("role", ["superuser", "viewer"])
def test_no_page_shows_a_secret(kind: str, role: str) -> None:
    person = make_superuser() if role == "superuser" else make_person(role)
    config = stored(kind)
    client = logged_in(person)

    for page in (LIST, change_page(config)):
        assert CANARY not in client.get(page).content.decode()


@pytest.mark.parametrize("kind", SENDERS)
def test_a_refused_form_does_not_give_secrets_back(boss: Client, kind: str) -> None:
    response = boss.post(add_page(kind), filled_in(kind, user_id=""))

    assert response.status_code == 200
    assert CANARY not in response.content.decode()
    assert not UserConfig.objects.exists()


@pytest.mark.parametrize("kind", SENDERS)
def test_the_history_holds_no_secret(boss: Client, kind: str) -> None:
    boss.post(add_page(kind), filled_in(kind))
    config = UserConfig.objects.get()
    boss.post(change_page(config), filled_in(kind))

    entries = [str(vars(entry)) for entry in LogEntry.objects.all()]
    assert len(entries) == 2
    assert CANARY not in "".join(entries)


def test_the_mask_of_a_secret_is_its_placeholder(boss: Client) -> None:
    page = boss.get(change_page(stored("telegram"))).content.decode()

    assert 'placeholder="123456789:****"' in page


@pytest.mark.parametrize("kind", SENDERS)
def test_an_empty_secret_keeps_the_stored_one(boss: Client, kind: str) -> None:
    config = stored(kind)
    public = {
        f"config_{name}": str(value) for name, value in config.public_data.items()
    }

    response = boss.post(change_page(config), on_every_form(**public, is_active=""))

    assert response.status_code == 302, response.context["adminform"].errors
    config.refresh_from_db()
    assert config.config_data() == {**config.config_data(), **SECRETS[kind]}
    assert not config.is_active


def test_a_secret_is_replaced(boss: Client) -> None:
    config = stored("telegram")
    token = "987654321:AAAbbbCCCdddEEEfffGGGhhh"

    boss.post(
        change_page(config),
        on_every_form(config_bot_token=token, config_chat_id="-1001"),
    )

    config.refresh_from_db()
    assert config.config_data()["bot_token"] == token


def test_an_optional_secret_can_be_removed(boss: Client) -> None:
    config = stored("lark")

    boss.post(change_page(config), on_every_form(forget_secret="on"))

    config.refresh_from_db()
    assert "secret" not in config.config_data()
    assert "webhook_url" in config.config_data()
