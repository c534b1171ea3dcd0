"""API clients in the admin: a secret is told once, and clients are never deleted."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_app.models import ApiClient, ClientDay
from tests.channels_app.rows import default_client, make_client, secret_of
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/channels_app/apiclient/"
SECRET = re.compile(r'id="new-secret">([\w-]{43})<')


def secret_page(client: ApiClient) -> str:
    return reverse("admin:channels_app_apiclient_secret", args=[client.pk])


def retire_page(client: ApiClient, which: str) -> str:
    return reverse("admin:channels_app_apiclient_retire", args=[client.pk, which])


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
    assert client.old_secret.reveal() == secret_of("shop")
    assert LogEntry.objects.get().change_message == "New secret"


def test_a_third_secret_is_not_made(boss: Client) -> None:
    client = make_client("shop")
    boss.post(secret_page(client))

    answer = boss.post(secret_page(client), follow=True).content.decode()

    client.refresh_from_db()
    assert "Retire one before" in answer
    assert client.old_secret.reveal() == secret_of("shop")
    assert secret_page(client) not in boss.get(change_page(client)).content.decode()


@pytest.mark.parametrize(
    ("which", "note"), [("old", "Old secret retired"), ("new", "New secret retired")]
)
def test_either_of_two_secrets_is_retired_on_confirmation(
    boss: Client, which: str, note: str
) -> None:
    client = make_client("shop")
    made = SECRET.search(boss.post(secret_page(client)).content.decode())
    assert made
    page = retire_page(client, which)
    assert page in boss.get(change_page(client)).content.decode()

    asked = boss.get(page).content.decode()
    client.refresh_from_db()
    assert client.old_secret is not None
    assert f"Retire the {which} secret?" in asked

    answer = boss.post(page, follow=True).content.decode()
    client.refresh_from_db()
    assert note in answer
    assert client.old_secret is None
    left = made[1] if which == "old" else secret_of("shop")
    assert client.secret.reveal() == left
    assert LogEntry.objects.filter(change_message=note).exists()


def test_the_only_secret_is_not_retired(boss: Client) -> None:
    client = make_client("shop")

    answer = boss.post(retire_page(client, "old"), follow=True).content.decode()

    assert "one secret only" in answer
    client.refresh_from_db()
    assert client.secret.reveal() == secret_of("shop")
    assert boss.get(retire_page(client, "old")).status_code == 404


def test_a_page_tells_when_each_secret_was_last_used(boss: Client) -> None:
    client = make_client("shop")
    boss.post(secret_page(client))
    used = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    ApiClient.objects.filter(pk=client.pk).update(old_secret_used_at=used)

    page = boss.get(change_page(client)).content.decode()

    assert "2026-03-05 09:30" in page
    assert "never" in page
    assert secret_of("shop") not in page


def test_users_limits_and_the_version_are_set_in_the_form(boss: Client) -> None:
    client = make_client("shop")
    fields = {
        "name": "shop",
        "is_active": "on",
        "scopes": ["send"],
        "allowed_users": " alice \n\nteam-*\r\nalice\n张三",
        "needs_signature_v2": "on",
        "sends_per_minute": "5",
        "management_per_minute": "0",
    }

    boss.post(change_page(client), fields)

    client.refresh_from_db()
    assert client.allowed_users == ["alice", "team-*", "张三"]
    assert client.needs_signature_v2 is True
    assert (client.sends_per_minute, client.management_per_minute) == (5, 0)
    assert client.logs_per_minute is None
    assert "team-*" in boss.get(LIST).content.decode()
    assert "alice\nteam-*" in boss.get(change_page(client)).content.decode()
    assert "Allowed users" in str(LogEntry.objects.get().get_change_message())


@pytest.mark.parametrize("text", ["a*b", "**", "x" * 101, "\x07bell"])
def test_a_pattern_has_its_star_at_the_end(boss: Client, text: str) -> None:
    client = make_client("shop")

    response = boss.post(change_page(client), {"name": "x", "allowed_users": text})

    assert list(response.context["adminform"].errors) == ["allowed_users"]


def test_the_pages_show_what_a_client_asked(boss: Client) -> None:
    client = make_client("shop")
    today = timezone.now().date()
    ClientDay.objects.create(client=client, day=today, requests=12345, refusals=67)
    long_ago = today - timedelta(days=20)
    ClientDay.objects.create(client=client, day=long_ago, requests=999_999)

    page = boss.get(change_page(client)).content.decode()
    listed = boss.get(LIST).content.decode()

    assert "12,345, 67 refused" in listed
    assert "12,345" in page
    assert "999,999" not in page + listed


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
def test_only_administrators_make_and_retire_secrets(role: str) -> None:
    client = make_client("shop")

    person = logged_in(make_person(role))
    answers = [
        person.post(page) for page in (secret_page(client), retire_page(client, "old"))
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    client.refresh_from_db()
    assert client.secret.reveal() == secret_of("shop")


@pytest.mark.parametrize("number", ["-1", "1000001", "many"])
def test_a_limit_is_a_sane_number(boss: Client, number: str) -> None:
    client = make_client("shop")

    response = boss.post(change_page(client), {"name": "x", "sends_per_minute": number})

    assert list(response.context["adminform"].errors) == ["sends_per_minute"]


def test_a_client_that_is_not_there_is_not_found(boss: Client) -> None:
    assert boss.post(f"{LIST}999999/new-secret/").status_code == 404
