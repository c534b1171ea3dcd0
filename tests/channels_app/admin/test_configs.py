"""Channel configs in the admin: a form per kind, and no secret ever given back."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from channels_app.models import UserConfig
from channels_app.senders.registry import SENDERS
from channels_app.services.configs import save_config
from tests.channels_app.rows import default_client, make_client
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

CANARY = "canary-5a7d1"
LIST = "/admin/channels_app/userconfig/"
SECRETS: dict[str, dict[str, Any]] = {
    "telegram": {"bot_token": f"123456789:AAH{CANARY}-abcdefghij", "chat_id": "-1001"},
    "lark": {
        "webhook_url": f"https://open.feishu.cn/open-apis/bot/v2/hook/{CANARY}",
        "secret": f"{CANARY}-signing",
    },
    "slack": {"webhook_url": f"https://hooks.slack.com/services/T0/B0/{CANARY}"},
    "webhook": {
        "webhook_url": "https://receiver.example.com/in",
        "headers": {"Authorization": f"Bearer {CANARY}"},
        "secret": f"{CANARY}-signing",
    },
    "email": {"to": "zoe@example.com"},
    "apprise": {"url": f"ntfy://{CANARY}"},
}


def stored(kind: str, user_id: str = "u1") -> UserConfig:
    return save_config(
        client=default_client(), user_id=user_id, channel_type=kind, data=SECRETS[kind]
    ).config


def add_page(kind: str) -> str:
    return f"{LIST}add/?channel_type={kind}"


def change_page(config: UserConfig) -> str:
    return reverse("admin:channels_app_userconfig_change", args=[config.pk])


def filled_in(kind: str, **changes: str) -> dict[str, str]:
    """Return what a person posts for a kind; headers are written as lines."""
    data = {name: as_written(value) for name, value in SECRETS[kind].items()}
    return {
        "client": str(default_client().pk),
        "user_id": "u1",
        "is_active": "on",
        "guarantee": "at_least_once",
        **{f"config_{name}": value for name, value in data.items()},
        **changes,
    }


def as_written(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    return str(value)


def common(**changes: str) -> dict[str, str]:
    return {"is_active": "on", "guarantee": "at_least_once", **changes}


def test_every_kind_has_a_case_here() -> None:
    assert set(SECRETS) == set(SENDERS)


def test_the_kind_is_chosen_first(boss: Client) -> None:
    page = boss.get(f"{LIST}add/").content.decode()

    for kind in SENDERS:
        assert f"?channel_type={kind}" in page


def test_an_unknown_kind_leads_back_to_the_choice(boss: Client) -> None:
    response = boss.get(add_page("pigeon"))

    assert response.status_code == 200
    assert "?channel_type=telegram" in response.content.decode()


@pytest.mark.parametrize("kind", SENDERS)
def test_a_kinds_form_has_its_senders_fields(boss: Client, kind: str) -> None:
    form = boss.get(add_page(kind)).context["adminform"].form

    assert {f"config_{name}" for name in SENDERS[kind].form.base_fields} <= set(
        form.fields
    )


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

    response = boss.post(change_page(config), common(**public, is_active=""))

    assert response.status_code == 302, response.context["adminform"].errors
    config.refresh_from_db()
    assert config.config_data() == {**config.config_data(), **SECRETS[kind]}
    assert not config.is_active


def test_a_secret_is_replaced(boss: Client) -> None:
    config = stored("telegram")
    token = "987654321:AAAbbbCCCdddEEEfffGGGhhh"

    boss.post(
        change_page(config), common(config_bot_token=token, config_chat_id="-1001")
    )

    config.refresh_from_db()
    assert config.config_data()["bot_token"] == token


def test_an_optional_secret_can_be_removed(boss: Client) -> None:
    config = stored("lark")

    boss.post(change_page(config), common(forget_secret="on"))

    config.refresh_from_db()
    assert "secret" not in config.config_data()
    assert "webhook_url" in config.config_data()


def test_the_senders_errors_stand_at_their_fields(boss: Client) -> None:
    response = boss.post(
        add_page("telegram"), filled_in("telegram", config_chat_id="nobody")
    )

    errors = response.context["adminform"].errors
    assert list(errors) == ["config_chat_id"]


def test_the_senders_warnings_are_said_after_the_save(boss: Client) -> None:
    address = "https://proxy.example.com/lark"
    response = boss.post(
        add_page("lark"), filled_in("lark", config_webhook_url=address), follow=True
    )

    assert UserConfig.objects.count() == 1
    assert "neither open.feishu.cn nor" in response.content.decode()


def test_a_second_config_of_one_kind_is_refused(boss: Client) -> None:
    stored("telegram")

    response = boss.post(
        add_page("telegram"), filled_in("telegram", config_chat_id="-2002")
    )

    assert list(response.context["adminform"].errors) == ["user_id"]
    assert UserConfig.objects.get().public_data["chat_id"] == "-1001"


def test_another_clients_user_may_have_the_same_name(boss: Client) -> None:
    stored("telegram")
    other = make_client()

    boss.post(add_page("telegram"), filled_in("telegram", client=str(other.pk)))

    assert UserConfig.objects.count() == 2


def test_why_a_config_is_off_is_told(boss: Client) -> None:
    config = stored("slack")
    config.is_active = False
    config.disabled_reason = "The webhook no longer exists."
    config.save()

    page = boss.get(LIST).content.decode()

    assert "Switched off by the product" in page
    assert "The webhook no longer exists." in page


@pytest.mark.parametrize(
    ("changes", "is_active", "is_probed"),
    [
        ({"is_paused": "on"}, False, True),
        ({"config_chat_id": "-2002"}, True, False),
        ({"is_active": "on"}, True, False),
    ],
)
def test_a_config_the_product_switched_off_goes_on_when_it_is_mended(
    boss: Client, *, changes: dict[str, str], is_active: bool, is_probed: bool
) -> None:
    config = stored("telegram")
    UserConfig.objects.update(
        is_active=False, disabled_reason="bot_blocked: gone", next_probe_at=Now()
    )
    chat = str(config.public_data["chat_id"])
    posted = common(**{"is_active": "", "config_chat_id": chat, **changes})

    assert boss.post(change_page(config), posted).status_code == 302

    config.refresh_from_db()
    assert config.is_active is is_active
    assert (config.next_probe_at is not None) is is_probed
    assert bool(config.disabled_reason) is is_probed
    assert config.is_paused is ("is_paused" in changes)


def test_whoever_switches_a_config_off_in_the_form_ends_its_probes(
    boss: Client,
) -> None:
    config = stored("telegram")
    UserConfig.objects.update(next_probe_at=Now(), disabled_reason="bot_blocked: gone")
    chat = str(config.public_data["chat_id"])

    boss.post(change_page(config), common(is_active="", config_chat_id=chat))

    config.refresh_from_db()
    assert (config.is_active, config.next_probe_at) == (False, None)


def test_a_viewer_reads_but_does_not_write() -> None:
    config = stored("telegram")
    client = logged_in(make_person("viewer"))

    shown = client.get(change_page(config))
    refused = client.post(change_page(config), common(config_chat_id="-2002"))

    assert "123456789:****" in shown.content.decode()
    assert refused.status_code == 403
    assert client.get(add_page("telegram")).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403


def test_an_operator_deletes_a_config() -> None:
    config = stored("telegram")
    page = reverse("admin:channels_app_userconfig_delete", args=[config.pk])

    logged_in(make_person("operator")).post(page, {"post": "yes"})

    assert not UserConfig.objects.exists()


def test_the_list_needs_as_many_queries_for_twenty_as_for_one(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        stored("telegram", user_id=f"u{number}")

    with django_assert_max_num_queries(7):
        boss.get(LIST)


@pytest.mark.parametrize(("term", "count"), [("ali", 2), ("lice", 0), ("bob", 1)])
def test_users_are_found_by_the_beginning_of_their_id(
    boss: Client, term: str, count: int
) -> None:
    for user_id in ("alice", "alicia", "bob"):
        stored("telegram", user_id=user_id)

    assert boss.get(LIST, {"q": term}).context["cl"].result_count == count


def test_a_schedule_is_shown_as_it_is_and_none_as_nothing(boss: Client) -> None:
    config = stored("webhook")
    assert 'value="null"' not in boss.get(change_page(config)).content.decode()
    posted = filled_in("webhook", retry_schedule="[10, 60]", sends_per_minute="30")
    assert boss.post(change_page(config), posted).status_code == 302
    config.refresh_from_db()
    assert (config.retry_schedule, config.sends_per_minute) == ([10, 60], 30)
    assert 'value="[10, 60]"' in boss.get(change_page(config)).content.decode()


def test_a_schedule_that_is_none_is_refused_at_its_field(boss: Client) -> None:
    config = stored("webhook")
    answer = boss.post(change_page(config), filled_in("webhook", retry_schedule="[0]"))
    assert answer.status_code == 200
    assert "at most 20 waits" in answer.content.decode()
