"""API clients in the admin: a secret is told once, and clients are never deleted."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from channels_app.models import ApiClient
from tests.channels_app.rows import default_client, make_client, secret_of
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/channels_app/apiclient/"
SECRET = re.compile(r'id="new-secret">([\w-]{43})<')


def secret_page(client: ApiClient) -> str:
    return reverse("admin:channels_app_apiclient_secret", args=[client.pk])


def change_page(client: ApiClient) -> str:
    return reverse("admin:channels_app_apiclient_change", args=[client.pk])


def test_a_new_clients_secret_is_told_once(boss: Client) -> None:
    fields = {"name": "shop", "scopes": ["send", "logs"], "is_active": "on"}

    response = boss.post(f"{LIST}add/", fields)

    client = ApiClient.objects.get(name="shop")
    told = SECRET.search(response.content.decode())
    assert told
    assert client.secret.reveal() == told[1]
    assert client.scopes == ["send", "logs"]
    assert "no-store" in response["Cache-Control"]
    for page in (LIST, change_page(client)):
        assert told[1] not in boss.get(page).content.decode()
    assert told[1] not in "".join(str(vars(e)) for e in LogEntry.objects.all())


def test_a_new_secret_is_made_on_confirmation_only(boss: Client) -> None:
    client = make_client("shop")

    asked = boss.get(secret_page(client))
    client.refresh_from_db()
    assert client.secret.reveal() == secret_of("shop")
    assert not SECRET.search(asked.content.decode())

    told = SECRET.search(boss.post(secret_page(client)).content.decode())
    client.refresh_from_db()
    assert told
    assert client.secret.reveal() == told[1]
    assert LogEntry.objects.get().change_message == "New secret"


def test_a_change_keeps_the_secret(boss: Client) -> None:
    client = make_client("shop")

    boss.post(change_page(client), {"name": "the shop", "scopes": ["send"]})

    client.refresh_from_db()
    assert (client.name, client.scopes, client.is_active) == (
        "the shop",
        ["send"],
        False,
    )
    assert client.secret.reveal() == secret_of("shop")


def test_the_default_clients_secret_is_a_setting(boss: Client) -> None:
    client = default_client()

    page = boss.get(change_page(client)).content.decode()
    answer = boss.post(secret_page(client), follow=True).content.decode()

    assert "API_SECRET_KEY" in page
    assert secret_page(client) not in page
    assert "API_SECRET_KEY" in answer
    client.refresh_from_db()
    assert client.secret is None


def test_clients_are_never_deleted(boss: Client) -> None:
    client = make_client()

    assert boss.post(f"{LIST}{client.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_administrators_make_secrets(role: str) -> None:
    client = make_client("shop")

    answer = logged_in(make_person(role)).post(secret_page(client))

    assert answer.status_code == 403
    client.refresh_from_db()
    assert client.secret.reveal() == secret_of("shop")


@pytest.mark.parametrize("number", ["-1", "1000001", "many"])
def test_a_limit_is_a_sane_number(boss: Client, number: str) -> None:
    client = make_client("shop")

    response = boss.post(change_page(client), {"name": "x", "sends_per_minute": number})

    assert list(response.context["adminform"].errors) == ["sends_per_minute"]


def test_a_client_that_is_not_there_is_not_found(boss: Client) -> None:
    assert boss.post(f"{LIST}999999/new-secret/").status_code == 404
