"""What is refused whole, with its code, and leaves nothing behind."""

from typing import Any

import pytest
from pytest_django import Settings

from channels_app.models import ApiClient, Status
from channels_app.services.switches import set_switch
from templates_app.services import save_template
from tests.channels_app.rows import make_config, make_log
from tests.channels_app.services.accepting import accept, refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_templates")]


def test_a_user_without_any_usable_channel_is_refused_with_each_reason(
    caller: ApiClient,
) -> None:
    make_config(caller, channel_type="webhook", is_active=False)
    refused = refusal_of(caller, channels=("slack", "webhook"))
    assert refused.code == "USER_NO_CHANNELS"
    assert refused.details == {
        "channels": {"slack": "channel_not_configured", "webhook": "channel_disabled"}
    }
    assert refusal_of(caller, user_id="nobody").details == {"channels": {}}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channels": ("lark", "pigeon")}, "INVALID_CHANNEL_TYPE"),
        ({"content": None}, "MISSING_CONTENT"),
        ({"content": None, "template_key": "nobody-knows"}, "TEMPLATE_NOT_FOUND"),
        ({"content": None, "template_key": "../no key"}, "TEMPLATE_NOT_FOUND"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    caller: ApiClient, fields: dict[str, Any], code: str
) -> None:
    assert refusal_of(caller, **fields).code == code


def test_one_channel_that_cannot_be_rendered_refuses_all(caller: ApiClient) -> None:
    contents = {
        "lark": {"content_template": "Hello"},
        "telegram": {"content_template": "{% for x in rows %}{{ x }}{% endfor %}"},
    }
    save_template(
        key="rows", name="Rows", variables=["rows"], contents=contents, author="a"
    )
    refused = refusal_of(
        caller, content=None, template_key="rows", variables={"rows": 5}
    )
    assert refused.code == "TEMPLATE_RENDER_ERROR"
    assert (refused.details or {})["channel_type"] == "telegram"
    assert refused.hint


def test_maintenance_refuses_and_says_when_to_come_back(caller: ApiClient) -> None:
    set_switch(name="maintenance", is_enabled=True, changed_by="ann")
    refused = refusal_of(caller)
    assert (refused.code, refused.status) == ("MAINTENANCE", 503)
    assert refused.retry_after
    set_switch(name="maintenance", is_enabled=False, changed_by="ann")
    accept(caller)


def test_a_full_queue_refuses_before_it_stores(
    caller: ApiClient, settings: Settings
) -> None:
    settings.QUEUE_MAX_DEPTH = 2
    for status in (Status.PENDING, Status.RETRYING):
        make_log(caller, status=status)
    refused = refusal_of(caller)
    assert (refused.code, refused.status) == ("QUEUE_FULL", 503)
    assert refused.retry_after


def test_only_what_waits_fills_the_queue(caller: ApiClient, settings: Settings) -> None:
    settings.QUEUE_MAX_DEPTH = 2
    for status in (Status.PENDING, Status.SENT, Status.FAILED, Status.CANCELLED):
        make_log(caller, status=status)
    accept(caller)
