"""A test message: a delivery like any other, over one config, marked as a test."""

from typing import Any

import pytest
from django.utils import translation

from channels_app.models import NotificationLog, Status
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.switches import set_switch
from channels_app.services.trials import send_test
from tests.channels_app.rows import BOT_TOKEN, default_client, make_client, make_config

pytestmark = pytest.mark.django_db


def test_it_goes_over_this_config_only_and_names_its_sender() -> None:
    client = make_client()
    config = make_config(client)
    make_config(client, channel_type="telegram", public_data={"bot_token": BOT_TOKEN})

    log = send_test(config=config, by="zoë")

    assert NotificationLog.objects.get() == log
    assert (log.config, log.client, log.user_id) == (config, client, "u1")
    assert (log.status, log.is_test) == (Status.PENDING, True)
    assert log.subject == "Test message"
    assert "zoë" in log.content
    assert log.created_at.strftime("%Y-%m-%d") in log.content


def test_it_speaks_the_language_of_who_sends_it() -> None:
    with translation.override("zh-hans"):
        log = send_test(config=make_config(default_client()), by="张三")

    assert log.subject == "测试消息"
    assert "张三" in log.content


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"is_active": False}, "is off"), ({"is_paused": True}, "is paused")],
)
def test_a_config_that_is_off_or_paused_is_not_tested(
    fields: dict[str, Any], said: str
) -> None:
    config = make_config(default_client(), **fields)

    with pytest.raises(RequestRefusedError) as refused:
        send_test(config=config, by="boss")

    assert (refused.value.code, refused.value.status) == ("CONFLICT", 409)
    assert said in str(refused.value.message)
    assert "save it" in str(refused.value.hint)
    assert not NotificationLog.objects.exists()


@pytest.mark.parametrize("flag", ["sending", "lark"])
def test_while_sending_is_paused_the_flag_is_named(flag: str) -> None:
    config = make_config(default_client())
    set_switch(name=flag, is_enabled=False, changed_by="boss")

    with pytest.raises(RequestRefusedError) as refused:
        send_test(config=config, by="boss")

    assert f"“{flag}”" in str(refused.value.hint)
    assert not NotificationLog.objects.exists()


def test_another_kinds_pause_is_no_reason() -> None:
    set_switch(name="slack", is_enabled=False, changed_by="boss")

    assert send_test(config=make_config(default_client()), by="boss").pk
