import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from channels_app.services.signatures import known, mistakes
from channels_app.services.signatures.known import Mistake
from channels_app.services.signatures.mistakes import SignedRequest, mistake_in
from channels_app.services.signatures.signature import digest, sign

SECRET = "test-secret-key-0123456789abcdef"
OTHER = "other-secret-key-0123456789abcde"
STAMP = "1736150400000"
BODY = '{"user_id": "张三", "channels": ["lark"], "n": 1}'.encode()
TARGET = b"/api/notification-logs?user_id=%E5%BC%A0&limit=5"
VALUE = json.loads(BODY)

POST = SignedRequest(
    method="POST",
    timestamp=STAMP,
    signature="",
    body=BODY,
    target=b"/api/notifications/send",
    host="api.example:8000",
    secret=SECRET,
    other_secrets=[OTHER],
)
GET = replace(POST, method="GET", body=b"", target=TARGET)


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def signed(message: bytes, secret: str = SECRET) -> str:
    return digest(secret, message).hex()


RIGHT = sign(SECRET, STAMP, BODY)
TS = STAMP.encode()
REORDERED = {key: VALUE[key] for key in ("n", "user_id", "channels")}
TABLE: list[tuple[SignedRequest, str, Mistake]] = [
    (POST, signed(b"1736150400" + BODY), known.SECONDS),
    (GET, signed(b"1736150400" + TARGET), known.SECONDS),
    (POST, signed(TS + b"." + BODY), known.SEPARATOR),
    (POST, signed(TS + b"\n" + BODY), known.SEPARATOR),
    (POST, signed(TS + b":" + BODY), known.SEPARATOR),
    (POST, signed(BODY + TS), known.ORDER),
    (POST, signed(BODY), known.NO_TIMESTAMP),
    (POST, RIGHT.upper(), known.UPPER_CASE),
    (POST, "sha256=" + RIGHT, known.DECORATED),
    (POST, base64.b64encode(bytes.fromhex(RIGHT)).decode(), known.BASE64),
    (
        POST,
        base64.urlsafe_b64encode(bytes.fromhex(RIGHT)).decode().rstrip("="),
        known.BASE64,
    ),
    (POST, signed(TS + BODY + b"\n"), known.NEWLINE),
    (replace(POST, body=BODY + b"\n"), RIGHT, known.NEWLINE),
    (POST, signed(TS + compact(VALUE)), known.RESERIALISED),
    (POST, signed(TS + json.dumps(VALUE).encode()), known.RESERIALISED),
    (POST, signed(TS + json.dumps(VALUE, indent=2).encode()), known.RESERIALISED),
    (
        POST,
        signed(TS + json.dumps(VALUE, sort_keys=True).encode()),
        known.RESERIALISED,
    ),
    (POST, signed(TS + compact(REORDERED)), known.RESERIALISED),
    (POST, signed(TS + POST.target), known.PATH_FOR_BODY),
    (GET, signed(TS), known.BODY_FOR_PATH),
    (GET, signed(TS + b"{}"), known.BODY_FOR_PATH),
    (
        replace(GET, method="DELETE", body=b'{"days":7}'),
        signed(TS + b'{"days":7}'),
        known.BODY_FOR_PATH,
    ),
    (GET, signed(TS + b"/api/notification-logs"), known.NO_QUERY),
    (GET, signed(TS + b"user_id=%E5%BC%A0&limit=5"), known.NO_PATH),
    (GET, signed(TS + b"https://api.example:8000" + TARGET), known.FULL_URL),
    (
        GET,
        signed(TS + b"/api/notification-logs/?user_id=%E5%BC%A0&limit=5"),
        known.SLASH,
    ),
    (
        GET,
        signed(TS + "/api/notification-logs?user_id=张&limit=5".encode()),
        known.DECODED,
    ),
    (POST, signed(TS + BODY, SECRET + "\n"), known.SPACE_IN_SECRET),
    (POST, signed(TS + BODY, " " + SECRET), known.SPACE_IN_SECRET),
    (POST, signed(TS + BODY, f'"{SECRET}"'), known.SPACE_IN_SECRET),
    (POST, signed(TS + BODY, OTHER), known.OTHER_CLIENT),
]


@pytest.mark.parametrize(("request_", "signature", "mistake"), TABLE)
def test_a_well_known_mistake_is_named(
    request_: SignedRequest, signature: str, mistake: Mistake
) -> None:
    assert mistake_in(replace(request_, signature=signature)) == mistake


@pytest.mark.parametrize("request_", [POST, GET])
@pytest.mark.parametrize(
    "signature", ["", "nonsense", "0" * 64, "=" * 44, "张" * 64, signed(b"", "no")]
)
def test_a_stranger_learns_nothing(request_: SignedRequest, signature: str) -> None:
    assert mistake_in(replace(request_, signature=signature)) is None


def test_a_large_body_is_not_worked_on() -> None:
    body = b"x" * (mistakes.LARGEST_BODY + 1)
    request = replace(POST, body=body, signature=signed(body))
    assert mistake_in(request) is None


@pytest.mark.parametrize(
    "make", [lambda: b"[" * 30_000, lambda: b"{", lambda: b"\xff\xfe", lambda: b"1e999"]
)
def test_a_body_that_is_not_json_does_no_harm(make: Callable[[], bytes]) -> None:
    assert mistake_in(replace(POST, body=make(), signature="0" * 64)) is None


def test_neither_secrets_nor_keys_are_in_a_repr() -> None:
    assert SECRET not in repr(POST)
    assert OTHER not in repr(POST)
