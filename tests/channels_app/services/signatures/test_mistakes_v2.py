from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from itertools import permutations

import pytest

from channels_app.services.signatures import known
from channels_app.services.signatures.known import Mistake
from channels_app.services.signatures.mistakes import SignedRequest, mistake_in
from channels_app.services.signatures.mistakes_v2 import mistake_in_v2
from channels_app.services.signatures.signature import message_1, message_2

SECRET = "test-secret-key-0123456789abcdef"
OTHER = "other-secret-key-0123456789abcde"
STAMP = "1736150400000"
NONCE = "b3f1c2d4e5f60718293a4b5c6d7e8f90"
BODY = '{"user_id": "张三", "n": 1}'.encode()
DIGEST = hashlib.sha256(BODY)
NO_BODY = hashlib.sha256(b"").hexdigest()
PATH, QUERY = "/api/notification-logs", "user_id=%E5%BC%A0&limit=5"

POST = SignedRequest(
    method="POST",
    timestamp=STAMP,
    signature="",
    body=BODY,
    target=b"/api/notifications/send",
    host="api.example:8000",
    secret=SECRET,
    other_secrets=[OTHER],
    nonce=NONCE,
)
GET = replace(POST, method="GET", body=b"", target=f"{PATH}?{QUERY}".encode())
DELETE = replace(GET, method="DELETE", body=b'{"days":7}')
LINES = ["2", STAMP, NONCE, "POST", "/api/notifications/send", DIGEST.hexdigest()]
VERSION, STAMP_AT, NONCE_AT, METHOD, TARGET, DIGEST_AT = range(6)


def mac(message: bytes | str, secret: str = SECRET) -> str:
    raw = message if isinstance(message, bytes) else message.encode()
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def with_line(index: int, text: str) -> str:
    return mac("\n".join([*LINES[:index], text, *LINES[index + 1 :]]))


def of_get(target: str) -> str:
    return mac("\n".join(["2", STAMP, NONCE, "GET", target, NO_BODY]))


def without(*gone: int) -> str:
    return mac("\n".join(line for i, line in enumerate(LINES) if i not in gone))


RIGHT = mac("\n".join(LINES))
TABLE: list[tuple[SignedRequest, str, Mistake]] = [
    (POST, RIGHT.upper(), known.UPPER_CASE),
    (POST, base64.b64encode(bytes.fromhex(RIGHT)).decode(), known.BASE64),
    (POST, f"sha256={RIGHT}", known.DECORATED),
    (POST, mac(STAMP.encode() + BODY), known.VERSION_1_SIGNED),
    (GET, mac(f"{STAMP}{PATH}?{QUERY}"), known.VERSION_1_SIGNED),
    (POST, with_line(DIGEST_AT, BODY.decode()), known.RAW_BODY),
    (
        POST,
        with_line(DIGEST_AT, DIGEST.hexdigest().upper()),
        known.DIGEST_FORM,
    ),
    (
        POST,
        with_line(DIGEST_AT, base64.b64encode(DIGEST.digest()).decode()),
        known.DIGEST_FORM,
    ),
    (POST, with_line(DIGEST_AT, NO_BODY), known.BODY_LEFT_OUT),
    (POST, with_line(DIGEST_AT, ""), known.BODY_LEFT_OUT),
    (
        DELETE,
        mac("\n".join(["2", STAMP, NONCE, "DELETE", f"{PATH}?{QUERY}", NO_BODY])),
        known.BODY_LEFT_OUT,
    ),
    (
        POST,
        with_line(DIGEST_AT, hashlib.sha256(BODY + b"\n").hexdigest()),
        known.NEWLINE,
    ),
    (
        POST,
        with_line(
            DIGEST_AT, hashlib.sha256(json.dumps(json.loads(BODY)).encode()).hexdigest()
        ),
        known.RESERIALISED,
    ),
    (GET, of_get(PATH), known.NO_QUERY),
    (GET, of_get(f"https://api.example:8000{PATH}?{QUERY}"), known.FULL_URL),
    (GET, of_get(f"{PATH}/?{QUERY}"), known.SLASH),
    (GET, of_get(f"{PATH}?user_id=张&limit=5"), known.DECODED),
    (POST, with_line(STAMP_AT, STAMP[:-3]), known.SECONDS_SIGNED),
    (POST, with_line(METHOD, "post"), known.METHOD_CASE),
    (POST, with_line(VERSION, "v2"), known.VERSION_WRITTEN),
    (POST, mac("\n".join(LINES) + "\n"), known.LINE_ENDS),
    (POST, mac("\r\n".join(LINES)), known.LINE_ENDS),
    (POST, mac("".join(LINES)), known.LINE_ENDS),
    (POST, mac(".".join(LINES)), known.LINE_ENDS),
    (POST, without(VERSION), known.LINE_MISSING),
    (POST, without(NONCE_AT), known.LINE_MISSING),
    (POST, without(METHOD, TARGET), known.LINE_MISSING),
    (POST, mac("\n".join(LINES), SECRET + "\n"), known.SPACE_IN_SECRET),
    (POST, mac("\n".join(LINES), OTHER), known.OTHER_CLIENT),
]


@pytest.mark.parametrize(("request_", "signature", "mistake"), TABLE)
def test_a_well_known_mistake_is_named(
    request_: SignedRequest, signature: str, mistake: Mistake
) -> None:
    assert mistake_in_v2(replace(request_, signature=signature)) == mistake


@pytest.mark.parametrize("order", list(permutations(range(6)))[1::97])
def test_another_order_of_the_lines_is_named(order: tuple[int, ...]) -> None:
    signature = mac("\n".join(LINES[index] for index in order))
    found = mistake_in_v2(replace(POST, signature=signature))
    assert found == known.LINE_ORDER


@pytest.mark.parametrize("request_", [POST, GET, DELETE])
@pytest.mark.parametrize("signature", ["", "nonsense", "0" * 64, mac(b"", "no")])
def test_a_stranger_learns_nothing(request_: SignedRequest, signature: str) -> None:
    assert mistake_in_v2(replace(request_, signature=signature)) is None


@pytest.mark.parametrize("request_", [POST, GET, DELETE])
def test_version_2_without_its_header_is_named(request_: SignedRequest) -> None:
    message = message_2(request_.method, STAMP, NONCE, request_.target, request_.body)
    found = mistake_in(replace(request_, signature=mac(message)))
    assert found == known.VERSION_MISSING


def test_no_message_of_one_version_is_one_of_the_other() -> None:
    one = message_1("POST", STAMP, POST.target, BODY)
    two = message_2("POST", STAMP, NONCE, POST.target, BODY)
    assert one[:13].isdigit()
    assert two.startswith(b"2\n")
