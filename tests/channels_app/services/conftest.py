"""What the services' tests share: nothing remembered from the test before."""

from collections.abc import Iterator

import pytest

from channels_app.tasks.wake import forget_wakes


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_wakes()
    yield
    forget_wakes()
