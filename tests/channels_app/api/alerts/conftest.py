"""The login of those who post alerts, and the user who receives them."""

import pytest
from django.conf import LazySettings

from tests.channels_app.rows import default_client, make_config


@pytest.fixture(autouse=True)
def _login(settings: LazySettings) -> None:
    settings.BASIC_AUTH_USER, settings.BASIC_AUTH_PASSWORD = "grafana", "pässword"


@pytest.fixture
def ops() -> None:
    """Give the user `ops` Lark, Telegram and a webhook."""
    make_config(default_client(), "ops")
    for kind in ("telegram", "webhook"):
        make_config(default_client(), "ops", channel_type=kind)
