"""A draft is sent into the sandbox or to a real channel, and each step of it is shown."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.test.utils import override_settings

from channels_app.models import DeliveryAttempt, NotificationLog, Secret, UserConfig
from diagnostics.sandbox.server import RunningSandbox, start_in_thread
from templates_app.services.drafts import TemplateFields
from templates_app.services.publishing import keep_draft, publish_template
from tests.channels_app.rows import default_client, make_client, make_config
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

PAGE = "/admin/template-test/order/"
ALL_GOOD = ["built", "found", "allowed", "connected", "answered", "read"]


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    running = start_in_thread(limits=False)
    with override_settings(OUTBOUND_ALLOWED_NETWORKS=["127.0.0.1/32"]):
        yield running
    running.stop()


@pytest.fixture(autouse=True)
def config(sandbox: RunningSandbox) -> UserConfig:
    publish_template(**fields("Hello {{name}}"))
    return make_config(default_client(), secret_data=lark_of(sandbox.url))


def lark_of(url: str) -> Secret:
    return Secret({"webhook_url": f"{url}/lark/hook/demo"})


def fields(text: str) -> TemplateFields:
    return {
        "key": "order",
        "name": "Order",
        "variables": ["name"],
        "contents": {"lark": {"content_template": text}},
        "author": "ann",
        "sample_variables": {"name": "Zoë"},
    }


def with_contents(contents: dict[str, dict[str, str]]) -> TemplateFields:
    changed = fields("")
    changed["contents"] = contents
    return changed


def send(person: Client, user: str = "u1", channel: str = "lark", **more: Any) -> str:
    form = {
        "destination": "user",
        "user_id": user,
        "channel_type": channel,
        **more,
    }
    return person.post(PAGE, form).content.decode()


def practise(person: Client, channel: str = "lark") -> str:
    return send(person, "", channel, destination="sandbox")


def steps(page: str, mark: str = "good") -> list[str]:
    pattern = rf'nt-doctor-{mark}" data-step="(\w+)"'
    return re.findall(pattern, page)


def test_the_draft_goes_out_at_once_as_a_test_that_is_logged(
    boss: Client, config: UserConfig, sandbox: RunningSandbox
) -> None:
    keep_draft(**fields("Soon {{name}}"))
    page = send(boss)
    log = NotificationLog.objects.get()
    assert (log.content, log.is_test, log.config) == ("Soon Zoë", True, config)
    assert (log.status, log.attempt_no) == ("sent", 1)
    assert DeliveryAttempt.objects.get().outcome == "ok"
    assert steps(page) == ALL_GOOD
    assert f"/notificationlog/{log.pk}/change/" in page
    [arrived] = sandbox.inbox.messages()
    assert "Soon Zoë" in arrived.body


def test_without_a_draft_the_live_version_goes_out(boss: Client) -> None:
    send(boss)
    assert NotificationLog.objects.get().content == "Hello Zoë"


def test_who_sent_a_test_is_kept(boss: Client, config: UserConfig) -> None:
    send(boss)
    assert LogEntry.objects.get().object_id == str(config.pk)


def test_a_failure_is_shown_where_it_happened_and_not_tried_again(
    boss: Client, config: UserConfig, sandbox: RunningSandbox
) -> None:
    config.secret_data = lark_of(sandbox.url.replace("127.0.0.1", "127.0.0.2"))
    config.save()
    page = send(boss)
    assert steps(page) == ["built", "found"]
    assert steps(page, "bad") == ["allowed"]
    assert steps(page, "open") == ["connected", "answered", "read"]
    assert "OUTBOUND_ALLOWED_NETWORKS" in page
    assert NotificationLog.objects.get().status == "failed"
    assert "hook/demo" not in page


def test_the_providers_refusal_is_the_last_step(
    boss: Client, config: UserConfig, sandbox: RunningSandbox
) -> None:
    url = f"{sandbox.url}/lark/hook/demo-signed"
    config.secret_data = Secret({"webhook_url": url, "secret": "wrong"})
    config.save()
    page = send(boss)
    assert steps(page, "bad") == ["read"]
    assert "sign match fail" in page


@pytest.mark.parametrize("channel", ["lark", "telegram", "slack", "webhook"])
def test_the_sandbox_is_there_for_everybody(boss: Client, channel: str) -> None:
    contents = {channel: {"content_template": "Hello {{name}}"}}
    publish_template(**with_contents(contents))
    with override_settings(OUTBOUND_ALLOWED_NETWORKS=[]):
        page = practise(boss, channel)
    assert steps(page) == ALL_GOOD
    assert "Hello Zoë" in page
    assert not NotificationLog.objects.exists()
    assert "sandbox" in LogEntry.objects.get().change_message


def test_a_sandbox_that_runs_shows_the_message_marked_as_a_test(
    boss: Client, sandbox: RunningSandbox
) -> None:
    with override_settings(SANDBOX_URL=sandbox.url):
        practise(boss)
    [arrived] = sandbox.inbox.messages()
    assert dict(arrived.headers)["x-notification-test"] == "1"


def test_a_sandbox_that_ended_is_told_with_the_way_out(boss: Client) -> None:
    ended = start_in_thread()
    ended.stop()
    with override_settings(SANDBOX_URL=ended.url):
        page = practise(boss)
    assert steps(page, "bad") == ["connected"]


def test_what_the_sandbox_refuses_is_refused_as_by_the_provider(boss: Client) -> None:
    bad = {"content_type": "markdown", "content_template": "Hello *{{name}}"}
    keep_draft(**with_contents({"telegram": bad}))
    page = practise(boss, "telegram")
    assert steps(page, "bad") == ["read"]
    assert "can&#x27;t parse entities" in page


def test_a_channel_without_a_practice_provider_is_told(boss: Client) -> None:
    assert "The sandbox has no provider for this channel." in practise(boss, "email")


@pytest.mark.parametrize(
    ("user", "channel", "text", "said"),
    [
        ("nobody", "lark", "Hi", "This user has no config for this channel."),
        ("u1", "slack", "Hi", "This user has no config for this channel."),
        ("", "lark", "Hi", "Write whose channel it is."),
        ("u1", "lark", "Hi {{name", "cannot be read"),
    ],
)
def test_what_cannot_be_sent_says_why(
    boss: Client, user: str, channel: str, text: str, said: str
) -> None:
    keep_draft(**fields(text))
    assert said in send(boss, user, channel)
    assert not NotificationLog.objects.exists()


def test_a_channel_without_content_is_told(boss: Client) -> None:
    make_config(default_client(), channel_type="slack")
    assert "says nothing on this channel" in send(boss, "u1", "slack")
    assert "says nothing on this channel" in practise(boss, "slack")


def test_a_config_that_is_off_is_told(boss: Client, config: UserConfig) -> None:
    config.is_active = False
    config.save()
    assert "This channel config is off" in send(boss)
    assert not NotificationLog.objects.exists()


def test_an_unknown_template_is_not_found(boss: Client) -> None:
    page = boss.get(PAGE.replace("order", "nothing"))
    assert page.status_code == 404


def test_a_viewer_sends_nothing() -> None:
    assert logged_in(make_person("viewer")).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_the_page_speaks_chinese() -> None:
    page = practise(logged_in(make_superuser(), "zh-hans"))
    assert steps(page) == ALL_GOOD


def test_a_user_of_two_clients_is_asked_for_the_client(
    boss: Client, sandbox: RunningSandbox
) -> None:
    other = make_client()
    theirs = make_config(other, secret_data=lark_of(sandbox.url))
    assert "Several API clients have this user" in send(boss)
    assert not NotificationLog.objects.exists()
    send(boss, client=str(other.pk))
    assert NotificationLog.objects.get().config == theirs
