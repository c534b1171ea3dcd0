import hashlib
import hmac
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from channels_app.models import ApiClient, UsedSignature
from channels_app.services.client_secrets import create_client
from channels_app.services.replays import forget_expired_signatures
from tests.conftest import Signed, next_timestamp

pytestmark = pytest.mark.django_db

PATH = "/api/notifications/send"
BODY = b'{"user_id":"u1","channels":["carrier-pigeon"]}'
# A request that is let in gets as far as its unknown channel.
LET_IN = "INVALID_CHANNEL_TYPE"


def mac(message: bytes, secret: str | None = None) -> str:
    key = (secret or os.environ["API_SECRET_KEY"]).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def post(
    client: Client, headers: Mapping[str, str], body: bytes = BODY
) -> dict[str, Any]:
    answer = client.post(
        PATH, body, content_type="application/json", headers=dict(headers)
    )
    return {"status": answer.status_code, **answer.json()}


def stamped(stamp: str, signature: str = "") -> dict[str, str]:
    signature = signature or mac(stamp.encode() + BODY)
    return {"X-Timestamp": stamp, "X-Signature": signature}


@pytest.mark.parametrize("path", [PATH, f"{PATH}/", "/api/send-notification"])
def test_a_well_signed_request_is_let_in(signed: Signed, path: str) -> None:
    assert signed("POST", path, body=BODY).json()["code"] == LET_IN


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        ({}, ["X-Timestamp", "X-Signature"]),
        ({"X-Timestamp": "1736150400000"}, ["X-Signature"]),
        ({"X-Signature": "00"}, ["X-Timestamp"]),
    ],
)
def test_missing_headers_are_named(
    client: Client, headers: dict[str, str], missing: list[str]
) -> None:
    answer = post(client, headers)
    assert (answer["status"], answer["code"]) == (401, "MISSING_AUTH_HEADERS")
    assert answer["details"] == {"missing": missing}
    assert answer["success"] is False
    assert answer["hint"]
    assert answer["request_id"]


@pytest.mark.parametrize("stamp", ["soon", "17361504000000", "12", "１２３"])
def test_a_stamp_that_is_no_time_is_refused(client: Client, stamp: str) -> None:
    answer = post(client, stamped(stamp))
    assert (answer["status"], answer["code"]) == (401, "INVALID_TIMESTAMP")


def test_seconds_are_recognised(client: Client) -> None:
    answer = post(client, stamped(str(int(time.time()))))
    assert (answer["status"], answer["code"]) == (401, "INVALID_TIMESTAMP")
    assert "seconds, send milliseconds" in answer["hint"]


@pytest.mark.parametrize("skew", [-300_001, 300_001, -86_400_000])
def test_an_expired_stamp_is_refused_with_its_skew(client: Client, skew: int) -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        answer = post(client, stamped(str(int(now.timestamp() * 1000) + skew)))
    assert (answer["status"], answer["code"]) == (401, "TIMESTAMP_EXPIRED")
    assert answer["details"]["skew_ms"] == skew
    assert answer["details"]["server_time"] == "2026-01-31T12:00:00.000+00:00"


def test_a_replay_is_refused(client: Client) -> None:
    headers = stamped(str(next_timestamp()))
    assert post(client, headers)["code"] == LET_IN
    answer = post(client, headers)
    assert (answer["status"], answer["code"]) == (401, "REPLAYED_REQUEST")


def test_another_method_does_not_make_a_signature_good_again(client: Client) -> None:
    path, body = "/api/templates?key=replayed", b"{}"
    stamp = str(next_timestamp())
    headers = stamped(stamp, mac(stamp.encode() + body))
    codes = [
        client.generic(
            method, path, body, content_type="application/json", headers=headers
        ).json()["code"]
        for method in ("POST", "PUT")
    ]
    assert codes[0] != "REPLAYED_REQUEST"
    assert codes[1] == "REPLAYED_REQUEST"


def test_replays_pass_when_the_setting_says_so(
    client: Client, settings: Settings
) -> None:
    settings.API_REFUSE_REPLAYS = False
    headers = stamped(str(next_timestamp()))
    assert [post(client, headers)["code"] for _ in range(2)] == [LET_IN, LET_IN]


def test_reading_twice_with_one_signature_is_no_replay(client: Client) -> None:
    path, stamp = f"{PATH}?x=1&y=%20", str(next_timestamp())
    headers = stamped(stamp, mac(stamp.encode() + path.encode()))
    codes = [client.get(path, headers=headers).json()["code"] for _ in range(2)]
    assert codes == ["METHOD_NOT_ALLOWED"] * 2


def test_expired_signatures_are_forgotten(client: Client) -> None:
    post(client, stamped(str(next_timestamp())))
    assert forget_expired_signatures() == 0
    past = datetime.now(UTC) - timedelta(minutes=1)
    UsedSignature.objects.update(expires_at=past)
    assert forget_expired_signatures() == 1


@pytest.mark.parametrize("key_id", ["nobody", "x" * 65, "a b", "张三", "'--"])
def test_an_unknown_key_id_is_refused(signed: Signed, key_id: str) -> None:
    sent = key_id.encode().decode("latin-1")
    answer = signed("POST", PATH, body=BODY, key_id=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNKNOWN_KEY_ID")


def test_a_client_that_was_switched_off_is_unknown(signed: Signed) -> None:
    ApiClient.objects.update(is_active=False)
    assert signed("POST", PATH, body=BODY).json()["code"] == "UNKNOWN_KEY_ID"


def test_a_client_signs_with_its_own_secret(signed: Signed) -> None:
    shop = create_client(name="Shop", scopes=["send"])
    key_id = shop.client.key_id
    answer = signed("POST", PATH, body=BODY, key_id=key_id, secret=shop.secret)
    assert answer.json()["code"] == LET_IN
    assert ApiClient.objects.get(key_id=key_id).last_used_at is not None


def test_a_wrong_signature_is_refused_and_not_corrected(client: Client) -> None:
    stamp = str(next_timestamp())
    answer = post(client, stamped(stamp, "0" * 64))
    assert (answer["status"], answer["code"]) == (401, "INVALID_SIGNATURE")
    assert mac(stamp.encode() + BODY) not in str(answer)


@pytest.mark.parametrize(
    ("separator", "word"), [(b".", "separator"), (b"\n", "separator")]
)
def test_a_known_mistake_is_named_in_the_hint(
    client: Client, separator: bytes, word: str
) -> None:
    stamp = str(next_timestamp())
    answer = post(client, stamped(stamp, mac(stamp.encode() + separator + BODY)))
    assert answer["code"] == "INVALID_SIGNATURE"
    assert word in answer["hint"]


def test_the_secret_of_another_client_is_recognised(signed: Signed) -> None:
    shop = create_client(name="Shop", scopes=["send"])
    answer = signed("POST", PATH, body=BODY, secret=shop.secret).json()
    assert "X-Key-Id" in answer["hint"]


def test_a_client_without_the_scope_is_forbidden(signed: Signed) -> None:
    ApiClient.objects.update(scopes=["logs"])
    answer = signed("POST", PATH, body=BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert answer.json()["details"] == {"required_scope": "send"}


def test_the_admin_scope_allows_everything(signed: Signed) -> None:
    ApiClient.objects.update(scopes=["admin"])
    assert signed("POST", PATH, body=BODY).json()["code"] == LET_IN


def test_a_target_is_signed_as_it_stood_on_the_request_line(client: Client) -> None:
    raw, stamp = f"{PATH}?u=%e5%bc%a0&&b", str(next_timestamp())
    headers = stamped(stamp, mac(stamp.encode() + raw.encode()))
    answer = client.get(PATH, {"u": "张"}, headers=headers, RAW_URI=raw)
    assert answer.json()["code"] == "METHOD_NOT_ALLOWED"


def test_wrong_signatures_are_limited_by_address_and_key_id(
    client: Client, signed: Signed, settings: Settings
) -> None:
    settings.LIMIT_BAD_SIGNATURES = 3
    wrong = [post(client, stamped(str(next_timestamp()), "0" * 64)) for _ in range(5)]
    assert [answer["status"] for answer in wrong] == [401, 401, 401, 429, 429]
    assert wrong[-1]["code"] == "RATE_LIMITED"
    assert signed("POST", PATH, body=BODY).json()["code"] == LET_IN


def test_stale_stamps_and_replays_do_not_count_as_wrong_signatures(
    client: Client, settings: Settings
) -> None:
    settings.LIMIT_BAD_SIGNATURES = 1
    headers = stamped(str(next_timestamp()))
    for _ in range(4):
        post(client, headers)
        post(client, stamped("1736150400000"))
    assert post(client, stamped(str(next_timestamp()), "0" * 64))["status"] == 401


def test_unsigned_requests_are_limited_by_address(
    client: Client, settings: Settings
) -> None:
    settings.LIMIT_UNSIGNED_PER_MINUTE = 2
    answers = [client.post(PATH) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert client.post(PATH, REMOTE_ADDR="192.0.2.7").status_code == 401


def test_sends_are_limited_by_client(signed: Signed, settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 2
    answers = [signed("POST", PATH, body=BODY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[0].headers["RateLimit"] == '"sends";r=1;t=30'
    assert answers[0].headers["RateLimit-Policy"] == '"sends";q=2;w=60'
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_client_has_a_limit_of_its_own(signed: Signed, settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 1
    ApiClient.objects.update(sends_per_minute=0)
    answers = [signed("POST", PATH, body=BODY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
