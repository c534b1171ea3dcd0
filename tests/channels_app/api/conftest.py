"""What the API's tests share: nothing remembered from the test before."""

from collections.abc import Iterator

import pytest

from channels_app.selectors.clients import forget_signers
from channels_app.services.limits import forget_limits


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_signers()
    forget_limits()
    yield
    forget_signers()
    forget_limits()
