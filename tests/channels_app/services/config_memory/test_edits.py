"""Configs that are remembered: what the database says holds for the very next request."""

from collections.abc import Callable

import pytest

from channels_app.delivery.once import SignatureSpentError
from channels_app.delivery.routes import RoutesChangedError, routes_to_try
from channels_app.models import ApiClient, NotificationLog, Secret, UserConfig
from channels_app.services.configs import delete_configs, save_config
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import use_signature
from tests.channels_app.rows import BOT_TOKEN, make_client, make_config
from tests.channels_app.services.config_memory.sends import (
    HOOK,
    hook,
    new_signature,
    planned,
    run_sql,
    send,
    store,
    what_the_configs_say,
)

pytestmark = pytest.mark.django_db

NOBODY = "USER_NO_CHANNELS"


def save_again(client: ApiClient) -> None:
    save_config(
        client=client,
        user_id="u1",
        channel_type="lark",
        data={"webhook_url": f"{HOOK}2"},
        guarantee="at_most_once",
    )


def add_telegram(client: ApiClient) -> None:
    make_config(
        client,
        channel_type="telegram",
        public_data={"chat_id": "42"},
        secret_data=Secret({"bot_token": BOT_TOKEN}),
    )


def restore_another(client: ApiClient) -> None:
    """Put another config in its place: the same number, the same version."""
    old = UserConfig.objects.get(client=client)
    number, version = old.pk, old.version
    old.delete()
    make_config(client, pk=number, version=version, secret_data=hook(3))


def replace_all(client: ApiClient) -> None:
    delete_configs(client=client, user_id="u1")
    make_config(client, secret_data=hook(4))


EDITS: dict[str, Callable[[ApiClient], object]] = {
    "saved anew": save_again,
    "another channel": add_telegram,
    "restored under its number": restore_another,
    "all replaced": replace_all,
    "by hand: guarantee": lambda _client: run_sql(
        "UPDATE user_configs SET guarantee = 'at_most_once'"
    ),
    "without a new version: secrets": lambda client: UserConfig.objects.filter(
        client=client
    ).update(secret_data=hook(5)),
    "of another client": lambda _client: make_config(
        make_client(), secret_data=hook(6)
    ),
}
ENDS: dict[str, Callable[[ApiClient], object]] = {
    "off by hand": lambda _client: run_sql("UPDATE user_configs SET is_active = FALSE"),
    "deleted": lambda client: delete_configs(client=client, user_id="u1"),
    "handed to another user": lambda _client: run_sql(
        "UPDATE user_configs SET user_id = 'u2'"
    ),
}


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_next_request_sees_an_edit(
    client: ApiClient, edit: Callable[[ApiClient], object], is_signed: bool
) -> None:
    first = new_signature() if is_signed else None
    assert send(client, first) == what_the_configs_say(client)
    edit(client)
    assert send(client) == what_the_configs_say(client)
    assert send(client) == what_the_configs_say(client)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_next_request_finds_nobody(
    client: ApiClient, end: Callable[[ApiClient], object]
) -> None:
    send(client)
    end(client)
    with pytest.raises(RequestRefusedError) as refused:
        send(client)
    assert refused.value.code == NOBODY
    assert NotificationLog.objects.count() == 1


def test_what_was_off_goes_out_once_it_is_on(client: ApiClient) -> None:
    run_sql("UPDATE user_configs SET is_active = FALSE")
    with pytest.raises(RequestRefusedError):
        send(client)
    run_sql("UPDATE user_configs SET is_active = TRUE")
    assert send(client) == what_the_configs_say(client)


def test_two_clients_have_each_their_own(client: ApiClient) -> None:
    other = make_client()
    make_config(other, secret_data=hook(9))
    for _ in range(2):
        assert send(client) == what_the_configs_say(client)
        assert send(other) == what_the_configs_say(other)
    assert what_the_configs_say(client) != what_the_configs_say(other)


@pytest.mark.parametrize("edit", ENDS.values(), ids=ENDS)
def test_an_edit_between_reading_and_storing_stores_nothing_and_spends_nothing(
    client: ApiClient, edit: Callable[[ApiClient], object]
) -> None:
    plans, seen = planned(client)
    signature = new_signature()
    edit(client)
    with pytest.raises(RoutesChangedError):
        store(plans, seen, signature)
    assert not NotificationLog.objects.exists()
    use_signature(signature)


def test_a_signature_is_good_once_whether_or_not_anything_changed(
    client: ApiClient,
) -> None:
    signature = new_signature()
    send(client, signature)
    for _ in range(2):
        with pytest.raises(RequestRefusedError) as refused:
            send(client, signature)
        assert refused.value.code == "REPLAYED_REQUEST"
        UserConfig.objects.update(secret_data=hook(7))
    plans, seen = planned(client)
    with pytest.raises(SignatureSpentError):
        store(plans, seen, signature)
    assert NotificationLog.objects.count() == 1


def test_who_edits_without_end_keeps_nobody_from_sending(client: ApiClient) -> None:
    offered = list(routes_to_try(client_id=client.pk, user_id="u1"))
    assert [found.seen is not None for found in offered] == [True, True, False]
