"""The client whose requests the doctor examines."""

import pytest

from channels_app.models import ApiClient
from tests.channels_app.services.signatures.pastes import make_shop


@pytest.fixture(autouse=True)
def shop() -> ApiClient:
    return make_shop()
