"""A rehearsal gets the newest notifications of a template, each once."""

import pytest

from channels_app.selectors.template_uses import recent_uses
from tests.channels_app.rows import default_client, make_log

pytestmark = pytest.mark.django_db


def test_a_notification_over_two_channels_is_one_use() -> None:
    client = default_client()
    for channel in ("lark", "slack"):
        make_log(
            client,
            channel_type=channel,
            request_id="r1",
            template_key="order",
            variables={"name": "Zoë"},
        )
    make_log(client, request_id="r2", template_key="order", variables={"name": "Al"})
    make_log(client, request_id="r3", template_key="other")
    make_log(client, request_id="r4", template_key="order", is_test=True)
    found = recent_uses("order", 100)
    assert [use.variables for use in found] == [{"name": "Al"}, {"name": "Zoë"}]
    assert len(recent_uses("order", 1)) == 1


def test_the_notifications_of_a_batch_are_told_apart() -> None:
    client = default_client()
    for name in ("Zoë", "Al"):
        make_log(
            client, request_id="r1", template_key="order", variables={"name": name}
        )
    assert len(recent_uses("order", 100)) == 2
