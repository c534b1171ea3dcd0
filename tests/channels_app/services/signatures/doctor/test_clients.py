"""Whose request it is: unknown clients, other secrets, signatures used before."""

import pytest
from django.test import override_settings

from channels_app.delivery.once import SignatureUse
from channels_app.models import ApiClient, Secret
from channels_app.services.replays import nonce_use, signature_use, use_signature
from notifications_client.doctor import Pasted
from tests.channels_app.rows import secret_of
from tests.channels_app.services.signatures.doctor.examining import (
    all_of,
    examine,
    failed,
)
from tests.channels_app.services.signatures.pastes import KEY_ID, as_http, make_shop
from tests.client.test_doctor import (
    BODY,
    NONCE,
    RIGHT,
    RIGHT_2,
    STAMP,
    TS,
    pasted,
    second,
    signed,
)

pytestmark = pytest.mark.django_db


def test_an_unknown_or_switched_off_client_is_told(shop: ApiClient) -> None:
    shop.is_active = False
    shop.save()
    found = examine(as_http(pasted(RIGHT)))
    assert failed(found) == ["key_id"]
    assert (found.client_id, found.client) == (None, "")
    assert [step.ok for step in found.steps if step.name == "signature"] == [None]


def test_a_secret_that_cannot_be_read_is_told(shop: ApiClient) -> None:
    with override_settings(ENCRYPT_KEY="another-key-0123456789abcdef0123"):
        found = examine(as_http(pasted(RIGHT)))
    assert failed(found) == ["key_id"]


def test_a_client_may_want_version_2_only(shop: ApiClient) -> None:
    shop.needs_signature_v2 = True
    shop.save()
    assert failed(examine(as_http(pasted(RIGHT)))) == ["accepted"]
    assert examine(as_http(second(RIGHT_2))).is_good


def test_a_request_without_the_key_id_of_its_secret_is_told() -> None:
    request = as_http(pasted(RIGHT)).replace(f"x-key-id: {KEY_ID}\n", "")
    assert examine(request).mistake == "other-client"
    found = examine(request, key_id=KEY_ID)
    assert failed(found) == ["key_id"]
    assert found.mistake == "other-client"


def test_the_secret_of_another_client_is_named_as_a_mistake() -> None:
    make_shop(secret_of("b"), "b")
    request = pasted(signed(TS + BODY, secret_of("b").encode()))
    assert examine(as_http(request)).mistake == "other-client"


def test_the_old_secret_is_good_and_told(shop: ApiClient) -> None:
    shop.old_secret = shop.secret
    shop.secret = Secret(secret_of("new"))
    shop.save()
    found = examine(as_http(pasted(RIGHT)))
    assert found.is_good
    assert "old secret" in all_of(found)


@pytest.mark.parametrize(
    ("request_", "use"),
    [
        (
            pasted(RIGHT),
            signature_use(key_id=KEY_ID, signature=RIGHT, timestamp=STAMP),
        ),
        (second(RIGHT_2), nonce_use(key_id=KEY_ID, nonce=NONCE)),
    ],
)
def test_a_used_signature_is_told_and_none_is_spent(
    request_: Pasted, use: SignatureUse
) -> None:
    assert examine(as_http(request_)).is_good
    assert examine(as_http(request_)).is_good
    use_signature(use)
    assert failed(examine(as_http(request_))) == ["replay"]
    with override_settings(API_REFUSE_REPLAYS=False):
        assert examine(as_http(request_)).is_good
