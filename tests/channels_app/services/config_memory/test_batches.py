"""A batch reads the configs of all its users anew, and takes apart what changed."""

import pytest

from channels_app.delivery.routes import MEMORY, Route, routes_of_users
from channels_app.models import ApiClient, UserConfig
from channels_app.services.switches import set_switch
from tests.channels_app.services.config_memory.sends import hook, send

pytestmark = pytest.mark.django_db


def lark_of_u1(client: ApiClient) -> Route:
    return routes_of_users(client_id=client.pk, user_ids=["u1"])["u1"]["lark"]


def test_what_a_send_took_apart_serves_a_batch(client: ApiClient) -> None:
    send(client)
    kept = MEMORY.get(client.pk, "u1")
    assert kept is not None
    assert lark_of_u1(client) is kept.by_kind["lark"]


def test_what_one_batch_took_apart_serves_the_next(client: ApiClient) -> None:
    assert lark_of_u1(client) is lark_of_u1(client)


def test_an_edit_is_seen_by_the_next_batch(client: ApiClient) -> None:
    before = lark_of_u1(client)
    UserConfig.objects.update(secret_data=hook(2))
    assert lark_of_u1(client).destination != before.destination


def test_with_the_cache_off_nothing_is_kept(client: ApiClient) -> None:
    set_switch(name="cache", is_enabled=False, changed_by="a test")
    assert lark_of_u1(client) is not lark_of_u1(client)
    assert MEMORY.get(client.pk, "u1") is None
