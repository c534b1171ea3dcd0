"""The doctor names each known mistake, shows where the messages part, hides the secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from notifications_client.doctor import (
    Pasted,
    PasteError,
    diagnose,
    mistakes,
    mistakes_v2,
    read_paste,
    sentences,
)
from notifications_client.doctor.comparing import comparison
from notifications_client.signing import Credentials, ToSign, signed_headers

SECRET = "test-secret-key-0123456789abcdef"
STAMP = "1736150400000"
NONCE = "b3f1c2d4e5f60718293a4b5c6d7e8f90"
BODY = '{"user_id": "张三", "channels": ["lark"], "n": 1}'.encode()
VALUE = json.loads(BODY)
PATH = b"/api/notifications/send"
QUERY = b"/api/notification-logs?user_id=%E5%BC%A0&limit=5"
TS = STAMP.encode()
HASH = hashlib.sha256(BODY).hexdigest().encode()


def signed(message: bytes, secret: bytes = SECRET.encode()) -> str:
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def pasted(signature: str, method: str = "POST", **headers: str) -> Pasted:
    given = {"host": "api.example:8000", "x-timestamp": STAMP, "x-signature": signature}
    given |= {name.lower().replace("_", "-"): text for name, text in headers.items()}
    is_post = method == "POST"
    return Pasted(
        method,
        (PATH if is_post else QUERY).decode(),
        given,
        (BODY if is_post else b"",),
    )


def second(signature: str, method: str = "POST", **headers: str) -> Pasted:
    known = {"X_Signature_Version": "2", "X_Nonce": NONCE}
    return pasted(signature, method, **(known | headers))


def lines(*changed: bytes, method: bytes = b"POST", at: int = -1) -> list[bytes]:
    right = [b"2", TS, NONCE.encode(), method, PATH, HASH]
    if changed:
        right[at] = changed[0]
    return right


def six(*changed: bytes, at: int = -1) -> str:
    return signed(b"\n".join(lines(*changed, at=at)))


RIGHT = signed(TS + BODY)
RIGHT_2 = six()
COMPACT = json.dumps(VALUE, ensure_ascii=False, separators=(",", ":")).encode()
REORDERED = json.dumps({key: VALUE[key] for key in ("n", "user_id", "channels")})

TABLE: list[tuple[Pasted, str]] = [
    (pasted(signed(TS[:-3] + BODY)), mistakes.SECONDS_SIGNED),
    (pasted(signed(TS[:-3] + QUERY), "GET"), mistakes.SECONDS_SIGNED),
    *[
        (pasted(signed(TS + mark + BODY)), mistakes.SEPARATOR)
        for mark in (b".", b"\n", b":", b" ", b"|", b"&")
    ],
    (pasted(signed(BODY + TS)), mistakes.ORDER),
    (pasted(signed(BODY)), mistakes.NO_TIMESTAMP),
    (pasted(RIGHT.upper()), sentences.UPPER_CASE),
    (pasted("sha256=" + RIGHT), sentences.DECORATED),
    (pasted(f'"{RIGHT}"'), sentences.DECORATED),
    (pasted(base64.b64encode(bytes.fromhex(RIGHT)).decode()), sentences.BASE64),
    (pasted("abc"), sentences.STRANGE_SIGNATURE),
    (pasted(signed(TS + BODY + b"\n")), mistakes.NEWLINE),
    (pasted(signed(TS + COMPACT)), mistakes.RESERIALISED),
    (pasted(signed(TS + json.dumps(VALUE).encode())), mistakes.RESERIALISED),
    (pasted(signed(TS + REORDERED.encode())), mistakes.RESERIALISED),
    (pasted(signed(TS + PATH)), mistakes.PATH_FOR_BODY),
    (pasted(signed(TS + b"POST" + PATH + BODY)), mistakes.PATH_FOR_BODY),
    (pasted(signed(TS), "GET"), mistakes.BODY_FOR_PATH),
    (pasted(signed(TS + b"{}"), "GET"), mistakes.BODY_FOR_PATH),
    (pasted(signed(TS + QUERY.split(b"?")[0]), "GET"), mistakes.NO_QUERY),
    (pasted(signed(TS + QUERY.split(b"?")[1]), "GET"), mistakes.NO_PATH),
    (
        pasted(signed(TS + b"http://api.example:8000" + QUERY), "GET"),
        mistakes.FULL_ADDRESS,
    ),
    (pasted(signed(TS + QUERY.replace(b"?", b"/?")), "GET"), mistakes.SLASH),
    (
        pasted(signed(TS + QUERY.replace(b"%E5%BC%A0", "张".encode())), "GET"),
        mistakes.DECODED,
    ),
    (pasted(signed(TS + BODY, SECRET.encode() + b"\n")), mistakes.SPACE_IN_SECRET),
    (pasted(signed(TS + BODY, f'"{SECRET}"'.encode())), mistakes.SPACE_IN_SECRET),
    (pasted(signed(TS + BODY, b"another")), sentences.NO_MATCH),
    (pasted(""), sentences.MISSING_HEADER),
    (pasted(RIGHT, X_Timestamp=""), sentences.MISSING_HEADER),
    (pasted(signed(TS[:10] + BODY), X_Timestamp=STAMP[:10]), sentences.SECONDS_SENT),
    (pasted(signed(b"now" + BODY), X_Timestamp="now"), sentences.STRANGE_TIMESTAMP),
    (pasted(RIGHT, X_Signature_Version="3"), sentences.UNKNOWN_VERSION),
    (pasted(RIGHT_2, X_Nonce=NONCE), sentences.VERSION_MISSING),
    (second(RIGHT), mistakes_v2.VERSION_1_SIGNED),
    (second(RIGHT_2.upper()), sentences.UPPER_CASE),
    (second(RIGHT_2, X_Nonce=""), sentences.MISSING_HEADER),
    (
        second(six(b"short", at=2), X_Nonce="short"),
        sentences.STRANGE_NONCE,
    ),
    (second(signed(b"\n".join(lines()) + b"\n")), mistakes_v2.LINE_ENDS),
    (second(signed(b"\r\n".join(lines()))), mistakes_v2.LINE_ENDS),
    (second(signed(b"".join(lines()))), mistakes_v2.LINE_ENDS),
    (second(signed(b"\n".join(lines()[1:]))), mistakes_v2.LINE_MISSING),
    (
        second(signed(b"\n".join([*lines()[:2], *lines()[3:]]))),
        mistakes_v2.LINE_MISSING,
    ),
    (
        second(signed(b"\n".join([*lines()[3:], *lines()[:3]]))),
        mistakes_v2.LINE_ORDER,
    ),
    (second(six(b"post", at=3)), mistakes_v2.METHOD_CASE),
    (second(six(BODY)), mistakes_v2.RAW_BODY),
    (second(six(HASH.upper())), mistakes_v2.DIGEST_FORM),
    (second(six(hashlib.sha256().hexdigest().encode())), mistakes_v2.BODY_LEFT_OUT),
    (second(six(b"v2", at=0)), mistakes_v2.VERSION_WRITTEN),
    (second(six(TS[:-3], at=1)), mistakes.SECONDS_SIGNED),
    (second(six(b"http://api.example:8000" + PATH, at=4)), mistakes.FULL_ADDRESS),
    (
        second(six(hashlib.sha256(COMPACT).hexdigest().encode())),
        mistakes.RESERIALISED,
    ),
    (
        second(signed(b"\n".join(lines()), SECRET.encode() + b" ")),
        mistakes.SPACE_IN_SECRET,
    ),
]


@pytest.mark.parametrize(("request_", "name"), TABLE)
def test_a_mistake_is_named(request_: Pasted, name: str) -> None:
    found = diagnose(request_, SECRET)
    assert name in [finding.name for finding in found.findings]
    assert not found.is_good
    assert SECRET not in "\n".join([*comparison(found), repr(found)])


def test_a_secret_that_is_hex_is_not_to_be_decoded() -> None:
    secret = "00112233445566778899aabbccddeeff"
    request = pasted(signed(TS + BODY, bytes.fromhex(secret)))
    (finding,) = diagnose(request, secret).findings
    assert finding.name == mistakes.DECODED_SECRET


def test_every_mistake_that_is_known_is_in_the_table() -> None:
    named = {name for _, name in TABLE} | {mistakes.DECODED_SECRET}
    assert named == set(sentences.SENTENCES)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_the_client_signs_is_right(version: int, method: str) -> None:
    request = ToSign(method, QUERY.decode(), b"" if method == "GET" else BODY)
    headers = signed_headers(Credentials(SECRET, version=version), request, STAMP)
    named = {name.lower(): text for name, text in headers.items()}
    found = diagnose(Pasted(method, request.target, named, (request.body,)), SECRET)
    assert found.is_good
    assert found.version == version
    assert found.signed == found.expected


def test_both_messages_are_shown_up_to_the_first_difference() -> None:
    found = diagnose(pasted(signed(TS + b"." + BODY)), SECRET)
    assert found.first_difference == 13
    should, was, place = comparison(found)
    assert should == 'should be signed: 1736150400000⟨{"user_id": "张三", "c⟩'
    assert was == 'was signed:       1736150400000⟨.{"user_id": "张三", "⟩'
    assert place == "They part at byte 13: “{” there, “.” was signed."


def test_what_cannot_be_seen_is_shown_as_an_escape() -> None:
    should, was, place = comparison(
        diagnose(pasted(signed(TS + BODY + b"\r\n")), SECRET)
    )
    assert should.endswith("1}⟨⟩")
    assert was.endswith("1}⟨\\r\\n⟩")
    assert "the end" in place


def test_a_difference_within_a_character_shows_the_whole_of_it() -> None:
    body = '{"a":"张"}'.encode()
    escaped = b'{"a":"\\u5f20"}'
    request = replace(pasted(signed(TS + escaped)), bodies=(body,))
    should, was, _ = comparison(diagnose(request, SECRET))
    assert '⟨张"}⟩' in should
    assert '⟨\\u5f20"}⟩' in was


def http(line_end: str = "\n", end: str = "", extra: str = "") -> bytes:
    head = [
        f"POST {PATH.decode()} HTTP/1.1",
        "Host: api.example:8000",
        f"X-Timestamp: {STAMP}",
        f"X-Signature: {RIGHT}",
        *filter(None, [extra]),
    ]
    return (line_end.join([*head, "", ""])).encode() + BODY + end.encode()


def pastes() -> Iterator[bytes]:
    yield http()
    yield http("\r\n")
    yield http(end="\n")
    yield http("\r\n", end="\r\n")
    yield b"\xef\xbb\xbf\n" + http()
    yield http(extra=f"Content-Length: {len(BODY)}", end="\n\n")
    yield http().replace(b"POST /api", b"POST https://api.example/api")
    yield http().replace(b" HTTP/1.1", b"")
    curl = (
        f"curl -sS -X POST 'https://api.example{PATH.decode()}' \\\n"
        f"  -H 'X-Timestamp: {STAMP}' -H 'X-Signature: {RIGHT}' --compressed \\\n"
        f"  --data-binary '{BODY.decode()}'"
    )
    yield curl.encode()
    yield curl.replace("-X POST ", "").replace("--data-binary", "-d").encode()
    yield curl.replace("'https", "--url 'https").encode() + b"\n"


@pytest.mark.parametrize("paste", list(pastes()))
def test_a_request_is_read_however_it_is_pasted(paste: bytes) -> None:
    request = read_paste(paste)
    assert request.target == PATH.decode()
    assert diagnose(request, SECRET).is_good


@pytest.mark.parametrize(
    "paste",
    [
        b"",
        b" \n",
        b"hello",
        b"POST /x HTTP/1.1\nno header here",
        b"curl",
        b"curl 'unclosed",
        b"curl https://api.example/x -d @body.json",
        b"curl https://api.example/x -X",
        b'{"json": 1}',
    ],
)
def test_what_is_no_request_is_said(paste: bytes) -> None:
    with pytest.raises(PasteError, match=r"\S"):
        read_paste(paste)


def test_the_guide_shows_what_the_doctor_says() -> None:
    guide = Path(__file__).resolve().parents[2] / "docs" / "guides" / "clients.md"
    body = b'{"user_id":"u1","channels":["webhook"]}'
    request = replace(pasted(signed(TS + b"." + body)), bodies=(body,))
    found = diagnose(request, SECRET)
    shown = [f"✗ {found.findings[0].sentence}", "", "Signature version 1"]
    shown += [f"  {line}" for line in comparison(found)]
    assert "\n".join(shown) in guide.read_text(encoding="utf-8")
