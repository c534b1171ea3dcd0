"""Version 2 of the signature: it covers all of a request, and each nonce is good once."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from channels_app.models import ApiClient
from channels_app.selectors.clients import forget_signers
from channels_app.services.client_secrets import create_client
from tests.channels_app.api.signing_v2 import headers_v2
from tests.conftest import Signed, next_timestamp

pytestmark = pytest.mark.django_db

PATH = "/api/notifications/send"
BODY = b'{"user_id":"u1","channels":["carrier-pigeon"]}'
# A request that is let in gets as far as its unknown channel.
LET_IN = "INVALID_CHANNEL_TYPE"


def ask(
    method: str, path: str, body: bytes, headers: Any, **more: Any
) -> dict[str, Any]:
    answer = Client().generic(
        method, path, body, content_type="application/json", headers=headers, **more
    )
    return {"status": answer.status_code, **answer.json()}


def post(headers: Any, path: str = PATH, body: bytes = BODY) -> dict[str, Any]:
    return ask("POST", path, body, headers)


def test_a_request_signed_in_version_2_is_let_in() -> None:
    assert post(headers_v2("POST", PATH, BODY))["code"] == LET_IN


def test_reading_is_signed_in_version_2_too() -> None:
    path = "/api/notification-logs?user_id=u1&limit=5"
    answer = ask("GET", path, b"", headers_v2("GET", path))
    assert answer["status"] == 200


def test_version_1_can_be_named_in_so_many_words(signed: Signed) -> None:
    answer = signed("POST", PATH, body=BODY, headers={"X-Signature-Version": "1"})
    assert answer.json()["code"] == LET_IN


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", PATH, BODY),
        ("POST", f"{PATH}?x=1", BODY),
        ("POST", "/api/send-notification", BODY),
        ("POST", PATH, BODY + b" "),
    ],
)
def test_every_part_of_a_request_is_covered(
    method: str, path: str, body: bytes
) -> None:
    answer = ask(method, path, body, headers_v2("POST", PATH, BODY))
    assert (answer["status"], answer["code"]) == (401, "INVALID_SIGNATURE")


def test_the_body_of_a_delete_is_covered() -> None:
    path = "/api/notification-logs/cleanup"
    good = headers_v2("DELETE", path, b'{"days":90}')
    bad = headers_v2("DELETE", path, b'{"days":90}')
    assert ask("DELETE", path, b'{"days":90}', good)["status"] == 200
    answer = ask("DELETE", path, b'{"days":1}', bad)
    assert (answer["status"], answer["code"]) == (401, "INVALID_SIGNATURE")


@pytest.mark.parametrize("header", ["X-Nonce", "X-Timestamp"])
def test_another_nonce_or_timestamp_is_not_what_was_signed(header: str) -> None:
    other = headers_v2("POST", PATH, BODY)
    headers = {**headers_v2("POST", PATH, BODY), header: other[header]}
    assert post(headers)["code"] == "INVALID_SIGNATURE"


def test_a_signature_without_its_nonce_says_what_is_missing() -> None:
    headers = dict(headers_v2("POST", PATH, BODY))
    del headers["X-Nonce"]
    answer = post(headers)
    assert (answer["status"], answer["code"]) == (401, "MISSING_AUTH_HEADERS")
    assert answer["details"] == {"missing": ["X-Nonce"]}
    assert "X-Nonce" in answer["hint"]


@pytest.mark.parametrize("nonce", ["short", "x" * 129, "with a space in it", "a,b" * 9])
def test_a_nonce_has_a_form(nonce: str) -> None:
    answer = post(headers_v2("POST", PATH, BODY, nonce=nonce))
    assert (answer["status"], answer["code"]) == (401, "INVALID_SIGNATURE")
    assert "16 to 128" in answer["hint"]


@pytest.mark.parametrize("version", ["3", "v2", "2.0", "two"])
def test_an_unknown_version_is_refused(version: str) -> None:
    headers = {**headers_v2("POST", PATH, BODY), "X-Signature-Version": version}
    answer = post(headers)
    assert (answer["status"], answer["code"]) == (401, "INVALID_SIGNATURE")
    assert answer["details"] == {"known": ["1", "2"]}


def test_a_replay_is_refused() -> None:
    headers = headers_v2("POST", PATH, BODY)
    assert post(headers)["code"] == LET_IN
    assert post(headers)["code"] == "REPLAYED_REQUEST"


def test_a_nonce_is_good_once_whatever_is_signed_with_it() -> None:
    nonce = secrets.token_hex(16)
    later = str(next_timestamp() + 1000)
    other = b'{"user_id":"u2","channels":["carrier-pigeon"]}'
    assert post(headers_v2("POST", PATH, BODY, nonce=nonce))["code"] == LET_IN
    again = headers_v2("POST", PATH, other, nonce=nonce, stamp=later)
    assert post(again, body=other)["code"] == "REPLAYED_REQUEST"


def test_a_nonce_of_one_client_is_nobody_elses() -> None:
    shop = create_client(name="Shop", scopes=["send"])
    nonce = secrets.token_hex(16)
    own = headers_v2(
        "POST",
        PATH,
        BODY,
        nonce=nonce,
        secret=shop.secret,
        key_id=shop.client.key_id,
    )
    assert post(own)["code"] == LET_IN
    assert post(headers_v2("POST", PATH, BODY, nonce=nonce))["code"] == LET_IN


def test_a_wrong_signature_does_not_spend_the_nonce() -> None:
    headers = headers_v2("POST", PATH, BODY)
    assert post({**headers, "X-Signature": "0" * 64})["code"] == "INVALID_SIGNATURE"
    assert post(headers)["code"] == LET_IN


def test_reading_twice_with_one_nonce_is_no_replay() -> None:
    path = "/api/notification-logs?limit=1"
    headers = headers_v2("GET", path)
    assert [ask("GET", path, b"", headers)["status"] for _ in range(2)] == [200, 200]


def test_replays_pass_when_the_setting_says_so(settings: Settings) -> None:
    settings.API_REFUSE_REPLAYS = False
    headers = headers_v2("POST", PATH, BODY)
    assert [post(headers)["code"] for _ in range(2)] == [LET_IN, LET_IN]


def test_the_window_of_time_holds_for_version_2() -> None:
    stale = str(time.time_ns() // 1_000_000 - 300_500)
    answer = post(headers_v2("POST", PATH, BODY, stamp=stale))
    assert answer["code"] == "TIMESTAMP_EXPIRED"


def test_a_target_is_signed_as_it_stood_on_the_request_line() -> None:
    raw = f"{PATH}?u=%e5%bc%a0&&b"
    answer = ask("GET", PATH, b"", headers_v2("GET", raw), RAW_URI=raw)
    assert answer["code"] == "METHOD_NOT_ALLOWED"


def test_a_wrong_signature_is_told_what_version_2_signs() -> None:
    headers = {**headers_v2("POST", PATH, BODY), "X-Signature": "0" * 64}
    answer = post(headers)
    assert "one per line" in answer["hint"]
    assert headers_v2("POST", PATH, BODY)["X-Signature"] not in str(answer)


def test_a_mistake_in_version_2_is_named() -> None:
    headers = headers_v2("POST", f"{PATH}/", BODY)
    assert "trailing slash" in post(headers)["hint"]


def test_a_version_2_signature_without_its_header_is_recognised() -> None:
    headers = dict(headers_v2("POST", PATH, BODY))
    del headers["X-Signature-Version"]
    answer = post(headers)
    assert answer["code"] == "INVALID_SIGNATURE"
    assert "X-Signature-Version: 2" in answer["hint"]


class TestAClientThatTakesVersion2Only:
    """Its owner is told so; who cannot sign learns nothing about it."""

    @pytest.fixture(autouse=True)
    def _only_version_2(self) -> None:
        ApiClient.objects.update(needs_signature_v2=True)
        forget_signers()

    def test_it_lets_version_2_in(self) -> None:
        assert post(headers_v2("POST", PATH, BODY))["code"] == LET_IN

    def test_it_refuses_version_1_and_says_what_to_do(self, signed: Signed) -> None:
        answer = signed("POST", PATH, body=BODY)
        assert (answer.status_code, answer.json()["code"]) == (
            401,
            "MISSING_AUTH_HEADERS",
        )
        assert "X-Signature-Version: 2" in answer.json()["hint"]
        assert answer.json()["details"] == {
            "missing": ["X-Signature-Version", "X-Nonce"]
        }

    def test_a_stranger_is_not_told(self, signed: Signed) -> None:
        answer = signed("POST", PATH, body=BODY, secret="a-secret-nobody-has").json()
        assert answer["code"] == "INVALID_SIGNATURE"
        assert "Version" not in answer["hint"]
