"""The button “Send a test message”: from the config's page to the receiver."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.delivery.transfer import WireOptions
from channels_app.models import NotificationLog, Status, UserConfig
from channels_app.services.switches import set_switch
from diagnostics.sandbox.server import start_in_thread
from tests.channels_app.delivery.deliveries import webhook_config
from tests.channels_app.rows import default_client, make_config, make_log
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

BUTTON = "Send a test message</button>"
CONFIGS = "/admin/channels_app/userconfig/"
DELIVERIES = "/admin/channels_app/notificationlog/"


def change_page(config: UserConfig) -> str:
    return reverse("admin:channels_app_userconfig_change", args=[config.pk])


def button_of(config: UserConfig) -> str:
    return reverse("admin:channels_app_userconfig_test", args=[config.pk])


def page_of(log: NotificationLog) -> str:
    return reverse("admin:channels_app_notificationlog_change", args=[log.pk])


def action(*configs: UserConfig) -> dict[str, Any]:
    chosen = [str(config.pk) for config in configs]
    return {"action": "send_tests", "_selected_action": chosen, "index": "0"}


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.django_db(transaction=True)
def test_it_arrives_and_its_page_says_so(boss: Client) -> None:
    sandbox = start_in_thread()
    try:
        config = webhook_config(f"{sandbox.url}/webhook/boss")
        assert BUTTON in boss.get(change_page(config)).content.decode()

        waiting = boss.post(button_of(config), follow=True)
        assert "reloads by itself" in waiting.content.decode()
        policy = AddressPolicy(parse_networks("127.0.0.0/8"))
        with Carrier(policy, WireOptions(total_timeout=5.0), max_in_flight=4) as way:
            Pump(way, PumpOptions("w", linger=0.0, max_in_flight=4)).run()
        [message] = sandbox.inbox.messages()
    finally:
        sandbox.stop()

    arrived = boss.get(waiting.redirect_chain[-1][0])
    assert "The provider accepted it." in arrived.content.decode()
    assert "Refresh" not in arrived.headers
    assert "boss sent this test message" in message.body


def test_it_is_logged_and_leads_to_the_delivery(boss: Client) -> None:
    config = make_config(default_client())

    response = boss.post(button_of(config))

    log = NotificationLog.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, page_of(log))
    assert "boss" in log.content
    assert LogEntry.objects.get().get_change_message() == "Test message"


def test_looking_at_the_buttons_address_sends_nothing(boss: Client) -> None:
    config = make_config(default_client())

    response = boss.get(button_of(config))

    assert response.headers["Location"] == change_page(config)
    assert not NotificationLog.objects.exists()


def test_it_needs_the_forms_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_superuser())

    response = client.post(button_of(make_config(default_client())))

    assert response.status_code == 403
    assert not NotificationLog.objects.exists()


def test_who_may_not_change_configs_sends_no_test() -> None:
    config = make_config(default_client())
    viewer = logged_in(make_person("viewer"))

    assert BUTTON not in viewer.get(change_page(config)).content.decode()
    assert viewer.post(button_of(config)).status_code == 403
    viewer.post(CONFIGS, action(config))
    assert not NotificationLog.objects.exists()


def test_an_operator_sends_one(boss: Client) -> None:
    operator = logged_in(make_person("operator"))

    operator.post(button_of(make_config(default_client())))

    assert NotificationLog.objects.get().is_test


def test_a_refusal_is_said_on_the_configs_page(boss: Client) -> None:
    config = make_config(default_client())
    set_switch(name="maintenance", is_enabled=True, changed_by="boss")

    response = boss.post(button_of(config), follow=True)

    assert response.redirect_chain == [(change_page(config), 302)]
    [message] = said(response)
    assert "maintenance" in message


def test_a_config_that_is_gone_is_not_found(boss: Client) -> None:
    assert boss.post(f"{CONFIGS}99999/test-message/").status_code == 404


def test_from_the_list_one_leads_to_its_delivery(boss: Client) -> None:
    response = boss.post(CONFIGS, action(make_config(default_client())))

    assert response.headers["Location"] == page_of(NotificationLog.objects.get())


def test_from_the_list_each_is_sent_or_refused_for_itself(boss: Client) -> None:
    client = default_client()
    good = [make_config(client, user_id=user) for user in ("u1", "u2")]
    off = make_config(client, user_id="u3", is_active=False)

    response = boss.post(CONFIGS, action(*good, off), follow=True)

    assert NotificationLog.objects.filter(is_test=True).count() == 2
    assert response.redirect_chain == [(DELIVERIES, 302)]
    assert "2 test messages are queued." in said(response)
    assert any(line.startswith(f"{off}: ") for line in said(response))


def test_the_list_sends_to_twenty_at_most(boss: Client) -> None:
    configs = [make_config(default_client(), user_id=f"u{n}") for n in range(21)]

    response = boss.post(CONFIGS, action(*configs), follow=True)

    assert "at most 20" in said(response)[0]
    assert not NotificationLog.objects.exists()


@pytest.mark.parametrize("is_test", [True, False])
def test_a_test_bears_its_badge(boss: Client, is_test: bool) -> None:
    log = make_log(default_client(), is_test=is_test)

    for address in (DELIVERIES, page_of(log)):
        page = boss.get(address).content.decode()
        assert ('<span class="nt-badge nt-plain">test</span>' in page) is is_test


@pytest.mark.parametrize(
    ("status", "age", "is_reloaded"),
    [
        (Status.PENDING, 0, True),
        (Status.PENDING, 61, False),
        (Status.RETRYING, 0, False),
        (Status.SENT, 0, False),
    ],
)
def test_a_page_reloads_while_its_test_is_under_way(
    boss: Client, status: Status, age: int, is_reloaded: bool
) -> None:
    accepted = now() - timedelta(seconds=age)
    log = make_log(default_client(), is_test=True, status=status, created_at=accepted)

    assert ("Refresh" in boss.get(page_of(log)).headers) is is_reloaded
