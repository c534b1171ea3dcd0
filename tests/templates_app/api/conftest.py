"""What the tests of the template API share: nothing remembered from the test before."""

from collections.abc import Iterator

import pytest

from channels_app.selectors.clients import forget_signers
from channels_app.services.limits import forget_limits
from templates_app.selectors import clear_compiled_templates


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_signers()
    forget_limits()
    clear_compiled_templates()
    yield
    clear_compiled_templates()
