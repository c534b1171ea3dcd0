"""What the tests of the admin share: somebody who may do everything."""

import pytest
from django.test import Client

from tests.people import logged_in, make_superuser


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())
