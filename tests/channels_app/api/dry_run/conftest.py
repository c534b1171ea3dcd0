"""The secret that rehearsed sends are signed with."""

import pytest
from django.conf import LazySettings

from tests.channels_app.api.signed import SECRET


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET
