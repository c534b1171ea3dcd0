"""What the services' tests share: no memory of the test before, and a caller."""

from collections.abc import Iterator

import pytest

from channels_app.models import ApiClient
from channels_app.tasks.wake import forget_wakes
from templates_app.selectors import clear_compiled_templates
from tests.channels_app.rows import BOT_TOKEN, default_client, make_config


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_wakes()
    yield
    forget_wakes()


@pytest.fixture
def cold_templates() -> None:
    """Let no test see the templates of another."""
    clear_compiled_templates()


@pytest.fixture
def caller() -> ApiClient:
    """Return the default client, whose user u1 has Lark and Telegram."""
    client = default_client()
    make_config(client)
    make_config(
        client,
        channel_type="telegram",
        public_data={"chat_id": "42", "bot_token": BOT_TOKEN},
    )
    return client
