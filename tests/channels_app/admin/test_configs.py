"""Channel configs in the admin: a form per kind, and who may do what."""

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from channels_app.models import UserConfig
from channels_app.senders.registry import SENDERS
from tests.channels_app.admin.config_pages import (
    LIST,
    add_page,
    change_page,
    filled_in,
    on_every_form,
    stored,
)
from tests.channels_app.rows import make_client
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


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
    posted = on_every_form(**{"is_active": "", "config_chat_id": chat, **changes})

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

    boss.post(change_page(config), on_every_form(is_active="", config_chat_id=chat))

    config.refresh_from_db()
    assert (config.is_active, config.next_probe_at) == (False, None)


def test_a_viewer_reads_but_does_not_write() -> None:
    config = stored("telegram")
    client = logged_in(make_person("viewer"))

    shown = client.get(change_page(config))
    refused = client.post(change_page(config), on_every_form(config_chat_id="-2002"))

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
