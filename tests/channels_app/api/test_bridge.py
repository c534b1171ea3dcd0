"""The bridge: any body from any program that knows a config's token."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.test import Client

from channels_app.models import ApiClient, NotificationLog, UserConfig
from channels_app.services.bridges import close_bridge, open_bridge
from tests.channels_app.api.signed import SECRET
from tests.channels_app.rows import default_client, make_client, make_config

pytestmark = pytest.mark.django_db

PATH = "/web_hook/bridge/u1/lark"


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET


@pytest.fixture
def config() -> UserConfig:
    return make_config(default_client())


@pytest.fixture
def token(config: UserConfig) -> str:
    return open_bridge(config=config)


def post(
    token: str, body: bytes = b"hello", kind: str = "text/plain", path: str = PATH
) -> Any:
    return Client().generic("POST", f"{path}?token={token}", body, content_type=kind)


def told(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 202, answer.content
    [result] = answer.json()["results"]
    log = NotificationLog.objects.get(message_id=result["messageId"])
    assert log.metadata == {"source": "bridge"}
    return log.subject, log.content


def test_plain_text_is_sent_as_by_a_send(token: str) -> None:
    answer = post(token)
    body = answer.json()
    assert body["success"] is True
    assert body["request_id"]
    [result] = body["results"]
    assert (result["channelType"], result["status"]) == ("lark", "pending")
    assert told(answer) == ("", "hello")


@pytest.mark.parametrize(
    ("fields", "subject", "content"),
    [
        ({"text": "a"}, "", "a"),
        ({"message": "a"}, "", "a"),
        ({"content": "a"}, "", "a"),
        ({"description": "a"}, "", "a"),
        ({"payload": "a"}, "", "a"),
        ({"subject": "s", "title": "t", "text": "a"}, "s", "a"),
        ({"title": "t", "summary": "u", "text": "a"}, "t", "a"),
        ({"summary": "u", "alertname": "n", "text": "a"}, "u", "a"),
        ({"alertname": "n", "message": "m", "text": "a"}, "n", "a"),
        ({"subject": "", "title": "t", "text": "", "message": "m"}, "t", "m"),
        ({"Title": "t", "Message": "m"}, "t", "m"),
        ({"title": "two\nlines", "text": " a "}, "two lines", "a"),
        ({"text": 5}, "", "5"),
        ({"text": {"a": [1]}}, "", '{\n  "a": [\n    1\n  ]\n}'),
        ({"payload": {"title": "t", "text": "a"}}, "t", "a"),
        ({"payload": {"n": 1}}, "", '{\n  "n": 1\n}'),
        ({"title": "t"}, "t", '{"title": "t"}'),
        ({"host": "db1"}, "", '{"host": "db1"}'),
        ({"text": "张三 Zoë"}, "", "张三 Zoë"),
        ({"text": "nul \x00 and half \ud800"}, "", "nul \ufffd and half \ufffd"),
    ],
)
def test_json_is_read_by_its_usual_names(
    token: str, fields: dict[str, Any], subject: str, content: str
) -> None:
    answer = post(token, json.dumps(fields).encode(), "application/json")
    assert told(answer) == (subject, content)


@pytest.mark.parametrize("kind", ["text/plain", "", "application/octet-stream", "?;=;"])
def test_json_is_known_by_its_look(token: str, kind: str) -> None:
    assert told(post(token, b' {"title":"t","text":"a"}', kind)) == ("t", "a")


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"[1, 2]", "[1, 2]"),
        (b'"text"', '"text"'),
        (b'{"text": ', '{"text":'),
        (b"{" + b'"a":{' * 5000, "{" + '"a":{' * 5000),
        (b"\xef\xbb\xbfhello", "hello"),
        (b"caf\xe9 \xff\x00", "caf\ufffd \ufffd\ufffd"),
    ],
)
def test_whatever_else_is_sent_as_it_is(token: str, body: bytes, content: str) -> None:
    assert told(post(token, body, "application/json")) == ("", content)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain; charset=iso-8859-1", "café".encode("latin-1")),
        ("text/plain; charset=utf-16", "café".encode("utf-16")),
        ('text/plain; charset="GB18030"', "café".encode("gb18030")),
        ("text/plain; charset=none-such", "café".encode()),
        ('text/plain; charset="a b"', "café".encode()),
    ],
)
def test_a_declared_encoding_is_heeded_if_there_is_one(
    token: str, kind: str, body: bytes
) -> None:
    assert told(post(token, body, kind)) == ("", "café")


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("title=Disk&text=50+%25+full", ("Disk", "50 % full")),
        ("payload=" + quote('{"title":"t","text":"a"}'), ("t", "a")),
        ("payload=" + quote('{"n":1}'), ("", '{"n":1}')),
        ("host=db1&state=down", ("", "host=db1&state=down")),
        # curl -d sends plain text as a form.
        ("Backup of db1 failed.", ("", "Backup of db1 failed.")),
        ('{"title":"t","text":"a"}', ("t", "a")),
        ("&".join(f"f{n}=1" for n in range(3000)), None),
    ],
)
def test_a_form_is_read_likewise(
    token: str, body: str, words: tuple[str, str] | None
) -> None:
    assert told(post(token, body.encode(), FORM)) == (words or ("", body))


def test_a_form_in_parts_is_read_likewise(token: str) -> None:
    answer = Client().post(f"{PATH}?token={token}", {"title": "t", "message": "m"})
    assert told(answer) == ("t", "m")
    broken = post(token, b"hello", "multipart/form-data; boundary=x")
    assert told(broken) == ("", "hello")


@pytest.mark.parametrize("body", [b"", b"  \n", b'{"text": " "}'])
def test_what_says_nothing_is_refused(token: str, body: bytes) -> None:
    answer = post(token, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "MISSING_CONTENT")


def test_what_is_too_large_is_refused(token: str, settings: LazySettings) -> None:
    settings.API_BODY_LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024
    answer = post(token, b"x" * 1025)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_bridge_is_closed_until_it_is_opened(config: UserConfig) -> None:
    for token in ("", "x", config.bridge_token_hash):
        answer = post(token)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "path",
    ["/web_hook/bridge/u2/lark", "/web_hook/bridge/u1/slack", "/web_hook/bridge/u1/x"],
)
def test_a_token_opens_one_config_only(token: str, path: str) -> None:
    assert post(token, path=path).status_code == 404


def test_a_wrong_token_is_refused(token: str, config: UserConfig) -> None:
    for wrong in ("", "x", token[:-1], token.lower(), config.bridge_token_hash):
        answer = post(wrong)
        assert (answer.status_code, answer.json()["code"]) == (
            401,
            "INVALID_CREDENTIALS",
        )
    assert not NotificationLog.objects.exists()


def test_an_old_token_opens_no_more(config: UserConfig) -> None:
    old, new = open_bridge(config=config), open_bridge(config=config)
    assert [post(old).status_code, post(new).status_code] == [401, 202]
    close_bridge(config=config)
    assert post(new).status_code == 404


def test_of_two_clients_configs_the_token_tells_which(config: UserConfig) -> None:
    other = make_config(make_client())
    tokens = {one.pk: open_bridge(config=one) for one in (config, other)}
    for pk, token in tokens.items():
        [result] = post(token).json()["results"]
        assert NotificationLog.objects.get(pk=result["logId"]).config_id == pk


def test_the_bridge_of_a_disabled_client_is_closed(token: str) -> None:
    ApiClient.objects.update(is_active=False)
    assert post(token).status_code == 404


def test_a_config_that_is_off_takes_nothing(token: str, config: UserConfig) -> None:
    UserConfig.objects.update(is_active=False)
    answer = post(token)
    assert (answer.status_code, answer.json()["code"]) == (400, "USER_NO_CHANNELS")


def test_a_user_id_of_any_characters_is_found() -> None:
    token = open_bridge(config=make_config(default_client(), "张三 a?b%"))
    path = f"/web_hook/bridge/{quote('张三 a?b%')}/lark"
    for each in (path, f"{path}/"):
        assert told(post(token, path=each)) == ("", "hello")


def test_guesses_are_limited_and_the_right_token_is_not(
    token: str, settings: LazySettings
) -> None:
    settings.LIMIT_BAD_SIGNATURES = 2
    assert [post("x").status_code for _n in range(3)] == [401, 401, 429]
    assert post(token).status_code == 202


def test_looking_for_bridges_is_limited(settings: LazySettings) -> None:
    settings.LIMIT_UNSIGNED_PER_MINUTE = 2
    assert [post("x").status_code for _n in range(3)] == [404, 404, 429]


def test_it_counts_on_the_clients_limit_of_sends(
    token: str, settings: LazySettings
) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 2
    assert [post(token).status_code for _n in range(3)] == [202, 202, 429]


def test_an_idempotency_key_is_heeded(token: str) -> None:
    answers = [
        Client().post(
            f"{PATH}?token={token}",
            b"hello",
            content_type="text/plain",
            headers={"Idempotency-Key": "k1"},
        )
        for _again in range(2)
    ]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[0].json()["results"] == answers[1].json()["results"]


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_not_taken(token: str, method: str) -> None:
    answer = getattr(Client(), method)(f"{PATH}?token={token}")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
