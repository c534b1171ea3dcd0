"""A bridge in the admin: its token is shown once, and closing it is one click."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.models import UserConfig
from tests.channels_app.rows import default_client, make_config
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def config() -> UserConfig:
    return make_config(default_client(), "张/三")


def page_of(config: UserConfig) -> str:
    return reverse("admin:channels_app_userconfig_bridge", args=[config.pk])


def address_on(page: str) -> str:
    found = re.search(r'id="bridge-address">([^<]+)<', page)
    assert found
    return found[1]


def test_it_is_closed_until_somebody_opens_it(boss: Client, config: UserConfig) -> None:
    page = boss.get(page_of(config)).content.decode()
    assert "The bridge is closed" in page
    assert "bridge-address" not in page
    config.refresh_from_db()
    assert config.bridge_token_hash == ""


def test_the_address_with_its_token_is_shown_once_and_works(
    boss: Client, config: UserConfig
) -> None:
    answer = boss.post(page_of(config), {"open": ""})
    assert "no-store" in answer.headers["Cache-Control"]
    address = urlsplit(address_on(answer.content.decode()))
    token = address.query.removeprefix("token=")
    assert len(token) >= 43
    later = boss.get(page_of(config)).content.decode()
    assert token not in later
    assert "token=…" in address_on(later)
    config.refresh_from_db()
    assert token not in config.bridge_token_hash
    assert "%2F" in address.path


def test_a_new_token_ends_the_old_one_and_closing_ends_all(
    boss: Client, config: UserConfig
) -> None:
    hashes = []
    for button in ("open", "open", "close"):
        boss.post(page_of(config), {button: ""})
        config.refresh_from_db()
        hashes.append(config.bridge_token_hash)
    assert len(set(hashes)) == 3
    assert hashes[-1] == ""


def test_the_config_leads_to_its_bridge(boss: Client, config: UserConfig) -> None:
    page = reverse("admin:channels_app_userconfig_change", args=[config.pk])
    assert page_of(config) in boss.get(page).content.decode()


def test_who_may_only_look_opens_nothing(config: UserConfig) -> None:
    viewer = logged_in(make_person("viewer"))
    assert viewer.post(page_of(config), {"open": ""}).status_code == 403
    config.refresh_from_db()
    assert config.bridge_token_hash == ""


def test_a_bridge_of_no_config_is_not_there(boss: Client) -> None:
    page = reverse("admin:channels_app_userconfig_bridge", args=[0])
    assert boss.get(page).status_code == 404
