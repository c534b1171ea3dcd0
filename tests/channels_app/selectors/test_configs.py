from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from channels_app.models import Scope
from channels_app.selectors.configs import (
    config_of,
    configs_of,
    masked_data,
)
from channels_app.selectors.masking import UNREADABLE
from tests.channels_app.rows import default_client, make_client, make_config

pytestmark = pytest.mark.django_db


def test_a_config_shows_its_secrets_masked() -> None:
    config = make_config(default_client())
    config.refresh_from_db()
    assert masked_data(config) == {
        "msg_type": "text",
        "webhook_url": "https://open.larksuite.com/****",
    }


def test_one_config_with_a_lost_key_does_not_break_the_list() -> None:
    client = default_client()
    lost = make_config(client, "u1")
    make_config(client, "u2")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE user_configs SET secret_data = 'v1:deadbeef:AAAA' WHERE id = %s",
            [lost.pk],
        )
    shown = [masked_data(config) for config in configs_of(client)]
    assert shown[0]["webhook_url"] == UNREADABLE
    assert shown[1]["webhook_url"] == "https://open.larksuite.com/****"


def test_a_client_sees_its_own_configs_and_an_admin_all() -> None:
    mine, other = make_client("mine"), make_client("other")
    admin = make_client("admin", [Scope.ADMIN])
    config = make_config(other)
    assert list(configs_of(mine, user_id="u1")) == []
    assert config_of(mine, user_id="u1", channel_type="lark") is None
    assert config_of(admin, user_id="u1", channel_type="lark") == config


def test_an_admin_gets_its_own_config_before_anothers() -> None:
    admin = make_client("admin", [Scope.ADMIN])
    make_config(make_client("other"))
    own = make_config(admin)
    assert config_of(admin, user_id="u1", channel_type="lark") == own


def test_a_list_costs_one_query(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    client = default_client()
    for number in range(3):
        make_config(client, f"u{number}")
    with django_assert_num_queries(1):
        assert len([masked_data(config) for config in configs_of(client)]) == 3
