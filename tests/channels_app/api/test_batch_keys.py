"""The idempotency key in the header of a batch."""

import pytest
from django.conf import LazySettings

from channels_app.models import IdempotencyKey
from tests.channels_app.api.signed import BATCH, SECRET, one, post
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET


def test_the_header_key_of_a_batch_lets_it_be_sent_again() -> None:
    make_config(default_client())
    form = {
        "notifications": [one(), one(idempotency_key="own"), one(metadata={"n": 3})]
    }
    first = post(BATCH, form, Idempotency_Key='"order 7"').json()["results"]
    again = post(BATCH, form, Idempotency_Key='"order 7"').json()["results"]
    assert [r["results"][0]["messageId"] for r in again] == [
        r["results"][0]["messageId"] for r in first
    ]
    assert all(result["replayed"] for result in again)
    keys = set(IdempotencyKey.objects.values_list("key", flat=True))
    assert keys == {"order 7#0", "own", "order 7#2"}


def test_a_header_key_that_leaves_no_room_for_places_is_refused() -> None:
    make_config(default_client())
    answer = post(BATCH, {"notifications": [one()]}, Idempotency_Key="k" * 252)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
