from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from channels_app.models import UserConfig
from channels_app.services.config_checks import ConfigInput
from channels_app.services.configs import replace_configs, save_config
from tests.channels_app.rows import BOT_TOKEN, LARK_URL, make_client

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
TELEGRAM = {"bot_token": BOT_TOKEN, "chat_id": "1"}


def test_savers_at_the_same_time_leave_one_config_and_lose_no_version() -> None:
    client = make_client()

    def save(_number: int) -> bool:
        try:
            return save_config(
                client=client, user_id="u1", channel_type="telegram", data=TELEGRAM
            ).created
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        created = list(threads.map(save, range(THREADS)))
    assert created.count(True) == 1
    assert UserConfig.objects.get().version == THREADS


def test_replacers_at_the_same_time_leave_one_whole_set() -> None:
    client = make_client()
    sets = [
        [ConfigInput("telegram", TELEGRAM)],
        [
            ConfigInput("telegram", TELEGRAM),
            ConfigInput("lark", {"webhook_url": LARK_URL}),
        ],
        [
            ConfigInput("lark", {"webhook_url": LARK_URL}),
            ConfigInput("telegram", TELEGRAM),
        ],
    ]

    def replace(number: int) -> None:
        try:
            replace_configs(client=client, user_id="u1", configs=sets[number % 3])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(replace, range(THREADS)))
    kinds = set(UserConfig.objects.values_list("channel_type", flat=True))
    assert kinds in ({"telegram"}, {"telegram", "lark"})
