"""The client whose configs are remembered."""

import pytest

from channels_app.models import ApiClient
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_config
from tests.channels_app.services.config_memory.sends import hook


@pytest.fixture
def client() -> ApiClient:
    found = default_client()
    make_config(found, secret_data=hook(1))
    return found
