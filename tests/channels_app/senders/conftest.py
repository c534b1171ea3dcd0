"""What the tests of the senders share: settings with which mails can be made."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(scope="module")
def mail_settings() -> Iterator[None]:
    with override_settings(EMAIL_HOST="127.0.0.1", DEFAULT_FROM_EMAIL="a@example.com"):
        yield
