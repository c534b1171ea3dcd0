"""A draft is sent to a real channel, marked as a test, and watched on its page."""

import pytest
from django.test import Client

from channels_app.models import NotificationLog, UserConfig
from templates_app.services.drafts import TemplateFields
from templates_app.services.publishing import keep_draft, publish_template
from tests.channels_app.rows import default_client, make_client, make_config
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

PAGE = "/admin/channels_app/userconfig/template-test/order/"


@pytest.fixture(autouse=True)
def config() -> UserConfig:
    publish_template(**fields("Hello {{name}}"))
    return make_config(default_client())


def fields(text: str) -> TemplateFields:
    return {
        "key": "order",
        "name": "Order",
        "variables": ["name"],
        "contents": {"lark": {"content_template": text}},
        "author": "ann",
        "sample_variables": {"name": "Zoë"},
    }


def send(client: Client, user: str = "u1", channel: str = "lark") -> str:
    form = {"user_id": user, "channel_type": channel}
    return client.post(PAGE, form, follow=True).content.decode()


def test_the_draft_goes_out_as_a_test(boss: Client, config: UserConfig) -> None:
    keep_draft(**fields("Soon {{name}}"))
    page = send(boss)
    log = NotificationLog.objects.get()
    assert (log.content, log.is_test, log.config) == ("Soon Zoë", True, config)
    assert "The test message is queued." in page


def test_without_a_draft_the_live_version_goes_out(boss: Client) -> None:
    send(boss)
    assert NotificationLog.objects.get().content == "Hello Zoë"


@pytest.mark.parametrize(
    ("user", "channel", "text", "said"),
    [
        ("nobody", "lark", "Hi", "This user has no config for this channel."),
        ("u1", "slack", "Hi", "This user has no config for this channel."),
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


def test_an_unknown_template_is_told(boss: Client) -> None:
    page = boss.post(
        PAGE.replace("order", "nothing"), {"user_id": "u1", "channel_type": "lark"}
    )
    assert b"template" in page.content
    assert not NotificationLog.objects.exists()


def test_a_viewer_sends_nothing() -> None:
    assert logged_in(make_person("viewer")).get(PAGE).status_code == 403


def test_a_user_of_two_clients_is_asked_for_the_client(boss: Client) -> None:
    other = make_client()
    theirs = make_config(other)
    assert "Several API clients have this user" in send(boss)
    assert not NotificationLog.objects.exists()
    form = {"user_id": "u1", "channel_type": "lark", "client": str(other.pk)}
    boss.post(PAGE, form)
    assert NotificationLog.objects.get().config == theirs
