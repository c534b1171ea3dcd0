from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from channels_app.models import Notice, UserConfig
from channels_app.selectors.configs import masked_data
from channels_app.selectors.masking import UNREADABLE
from channels_app.services.config_checks import ConfigInput
from channels_app.services.configs import (
    delete_configs,
    replace_configs,
    save_config,
)
from channels_app.services.refusals import RequestRefusedError
from tests.channels_app.rows import (
    BOT_TOKEN,
    LARK_URL,
    default_client,
    make_client,
    make_config,
)

pytestmark = pytest.mark.django_db

TELEGRAM = {"bot_token": BOT_TOKEN, "chat_id": -1001234567890}
WEBHOOK = {
    "webhook_url": "https://receiver.example/in",
    "headers": {"Authorization": "Bearer abc", "X-Team": "a"},
}


def save(kind: str, data: dict[str, Any], **more: Any) -> UserConfig:
    return save_config(
        client=default_client(), user_id="u1", channel_type=kind, data=data, **more
    ).config


def stored() -> UserConfig:
    return UserConfig.objects.get()


def test_secrets_are_parted_from_the_rest_and_sealed() -> None:
    save("telegram", TELEGRAM)
    config = stored()
    assert "bot_token" not in config.public_data
    assert config.config_data()["bot_token"] == BOT_TOKEN
    with connection.cursor() as cursor:
        cursor.execute("SELECT public_data, secret_data FROM user_configs")
        row = str(cursor.fetchone())
    assert "AAF-token" not in row


@pytest.mark.parametrize(
    ("kind", "data"),
    [("telegram", TELEGRAM), ("webhook", WEBHOOK), ("lark", {"webhook_url": LARK_URL})],
)
def test_what_was_shown_can_be_sent_back_unchanged(
    kind: str, data: dict[str, Any]
) -> None:
    save(kind, data)
    before = dict(stored().config_data())
    save(kind, masked_data(stored()))
    assert stored().config_data() == before


def test_one_header_can_be_changed_while_the_other_is_kept() -> None:
    save("webhook", WEBHOOK)
    headers = {"Authorization": "****", "X-Team": "b"}
    save("webhook", {**WEBHOOK, "headers": headers})
    assert stored().config_data()["headers"] == {
        "Authorization": "Bearer abc",
        "X-Team": "b",
    }


def test_a_mask_of_nothing_stored_is_refused() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        save("telegram", {**TELEGRAM, "bot_token": "999:****"})
    assert refused.value.code == "INVALID_PARAMETER"
    assert list(refused.value.details or {}) == ["bot_token"]


def test_the_mark_of_a_lost_key_is_no_secret() -> None:
    save("telegram", TELEGRAM)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE user_configs SET secret_data = 'v1:deadbeef:AAAA'")
    with pytest.raises(RequestRefusedError):
        save("telegram", {**TELEGRAM, "bot_token": UNREADABLE})
    save("telegram", TELEGRAM)
    assert stored().config_data()["bot_token"] == BOT_TOKEN


def test_an_optional_secret_that_is_left_out_is_removed() -> None:
    save("lark", {"webhook_url": LARK_URL, "secret": "s3cret"})
    save("lark", {"webhook_url": LARK_URL})
    assert "secret" not in masked_data(stored())


def test_each_save_raises_the_version_and_says_what_it_did() -> None:
    first = save_config(
        client=default_client(), user_id="u1", channel_type="telegram", data=TELEGRAM
    )
    second = save_config(
        client=default_client(), user_id="u1", channel_type="telegram", data=TELEGRAM
    )
    assert (first.created, second.created) == (True, False)
    assert stored().version == 2


@pytest.mark.parametrize(("is_active", "expected"), [(None, True), (False, False)])
def test_saving_decides_about_what_the_product_switched_off_and_ends_its_probes(
    *, is_active: bool | None, expected: bool
) -> None:
    save("telegram", TELEGRAM)
    UserConfig.objects.update(
        is_active=False,
        disabled_reason="bot blocked",
        disabled_at=Now(),
        next_probe_at=Now(),
        notice_due=Notice.DISABLED,
    )
    save("telegram", TELEGRAM, is_active=is_active)
    saved = stored()
    assert (saved.is_active, saved.disabled_reason) == (expected, "")
    assert (saved.disabled_at, saved.next_probe_at) == (None, None)
    assert saved.notice_due == Notice.NONE
    save("telegram", TELEGRAM)
    assert stored().is_active is expected


def test_what_a_person_switched_off_stays_off_when_it_is_saved_anew() -> None:
    save("telegram", TELEGRAM, is_active=False)
    save("telegram", TELEGRAM)
    assert not stored().is_active
    save("telegram", TELEGRAM, is_active=True)
    assert stored().is_active


def test_a_field_nobody_knows_is_ignored_with_a_warning() -> None:
    saved = save_config(
        client=default_client(),
        user_id="u1",
        channel_type="telegram",
        data={**TELEGRAM, "chatId": "1"},
    )
    assert any("chatId" in text for text in saved.warnings)
    assert "chatId" not in stored().public_data


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("pigeon", {}, "INVALID_CHANNEL_TYPE"),
        ("", {}, "INVALID_CHANNEL_TYPE"),
        ("telegram", {}, "INVALID_PARAMETER"),
        ("telegram", {"bot_token": "x\x00", "chat_id": "1"}, "INVALID_PARAMETER"),
        ("telegram", {"bot_token": "x", "chat_id": "\ud800"}, "INVALID_PARAMETER"),
        ("telegram", {"bot_token": ["x"], "chat_id": {"a": 1}}, "INVALID_PARAMETER"),
        ("lark", {"webhook_url": 5}, "INVALID_PARAMETER"),
        ("lark", {"webhook_url": "ftp://x"}, "INVALID_PARAMETER"),
        ("webhook", {**WEBHOOK, "headers": "nonsense"}, "INVALID_PARAMETER"),
        ("webhook", {**WEBHOOK, "headers": {"A": {"b": 1}}}, "INVALID_PARAMETER"),
        ("webhook", {**WEBHOOK, "headers": {"A": "x\r\nB: y"}}, "INVALID_PARAMETER"),
    ],
)
def test_bad_configs_are_refused_and_nothing_is_stored(
    kind: str, data: dict[str, Any], code: str
) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        save(kind, data)
    assert refused.value.code == code
    assert refused.value.details
    assert not UserConfig.objects.exists()


@pytest.mark.parametrize("user_id", ["", "x" * 101, "a\nb", "a\x00", "\ud800"])
def test_a_user_id_must_be_storable(user_id: str) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        save_config(
            client=default_client(),
            user_id=user_id,
            channel_type="telegram",
            data=TELEGRAM,
        )
    assert "user_id" in (refused.value.details or {})


def test_replacing_leaves_exactly_the_new_configs_and_keeps_masked_secrets() -> None:
    client = default_client()
    save("lark", {"webhook_url": LARK_URL})
    kept = save("telegram", TELEGRAM)
    make_config(client, "somebody-else")
    saved = replace_configs(
        client=client,
        user_id="u1",
        configs=[
            ConfigInput("telegram", masked_data(kept)),
            ConfigInput("webhook", WEBHOOK),
        ],
    )
    assert [item.created for item in saved] == [False, True]
    configs = {c.channel_type: c for c in UserConfig.objects.filter(user_id="u1")}
    assert set(configs) == {"telegram", "webhook"}
    assert configs["telegram"].config_data()["bot_token"] == BOT_TOKEN
    assert UserConfig.objects.filter(user_id="somebody-else").exists()


@pytest.mark.parametrize(
    "configs",
    [
        [ConfigInput("webhook", WEBHOOK), ConfigInput("telegram", {})],
        [ConfigInput("webhook", WEBHOOK), ConfigInput("webhook", WEBHOOK)],
        [ConfigInput("webhook", WEBHOOK), ConfigInput("pigeon", {})],
    ],
)
def test_replacing_with_one_bad_config_changes_nothing(
    configs: list[ConfigInput],
) -> None:
    save("lark", {"webhook_url": LARK_URL})
    with pytest.raises(RequestRefusedError):
        replace_configs(client=default_client(), user_id="u1", configs=configs)
    assert stored().channel_type == "lark"


def test_replacing_reports_every_problem_with_its_place() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        replace_configs(
            client=default_client(),
            user_id="u1",
            configs=[ConfigInput("telegram", {}), ConfigInput("lark", {})],
        )
    assert set(refused.value.details or {}) == {
        "configs[0].bot_token",
        "configs[0].chat_id",
        "configs[1].webhook_url",
    }


def test_deleting_touches_only_what_the_client_sees() -> None:
    mine, other = make_client("mine"), make_client("other")
    make_config(mine)
    make_config(mine, channel_type="telegram")
    make_config(other)
    assert delete_configs(client=mine, user_id="u1", channel_type="telegram") == 1
    assert delete_configs(client=mine, user_id="u1") == 1
    assert delete_configs(client=mine, user_id="u1") == 0
    assert stored().client == other


def test_no_secret_shows_in_a_repr() -> None:
    assert BOT_TOKEN not in repr(ConfigInput("telegram", TELEGRAM))
