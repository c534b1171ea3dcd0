import pytest

from diagnostics.sandbox import telegram
from diagnostics.sandbox.exchange import Reply, Request
from tests.diagnostics.sandbox.builders import NOW, answer_of, post

MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n42\r\n'
    b'--b\r\nContent-Disposition: form-data; name="text"\r\n'
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xe5\xbc\xa0 a\r\n--b--\r\n"
)
BOT = f"bot{telegram.SAMPLE_BOT}"


def send(**params: object) -> Reply:
    return telegram.receive(post(f"{BOT}/sendMessage", {"chat_id": 42, **params}))


def result_of(reply: Reply) -> dict[str, object]:
    result = answer_of(reply)["result"]
    assert isinstance(result, dict)
    return result


def description_of(reply: Reply) -> object:
    content = answer_of(reply)
    assert content["ok"] is False
    assert content["error_code"] == reply.status
    return content["description"]


def test_a_sent_message_answers_as_the_real_one_does() -> None:
    reply = send(text="*Done* \\- [log](https://x.y/z)", parse_mode="markdownv2")
    assert reply.status == 200
    assert answer_of(reply) == {
        "ok": True,
        "result": {
            "message_id": 7,
            "from": {
                "id": 123456,
                "is_bot": True,
                "first_name": "Sandbox",
                "username": "sandbox_bot",
            },
            "chat": {"id": 42, "first_name": "Sandbox reader", "type": "private"},
            "date": int(NOW),
            "text": "Done - log",
            "entities": [
                {"offset": 0, "length": 4, "type": "bold"},
                {"offset": 7, "length": 3, "type": "text_link", "url": "https://x.y/z"},
            ],
        },
    }


def test_a_reader_sees_text_links_quotes_code_and_buttons() -> None:
    reply = send(
        text=">quoted\n*bold* [log](https://x.y/)\n```py\ncode```\nend",
        parse_mode="MarkdownV2",
        disable_notification=True,
        message_thread_id=5,
        reply_markup={"inline_keyboard": [[{"text": "Open", "url": "https://x.y/"}]]},
    )
    assert reply.arrived is not None
    seen = reply.arrived.seen
    assert [block.kind for block in seen.blocks] == [
        "quote",
        "paragraph",
        "code",
        "paragraph",
        "buttons",
    ]
    assert seen.blocks[1].runs[0].styles == ("bold",)
    assert seen.blocks[1].runs[2].href == "https://x.y/"
    assert seen.blocks[3].text == "end"
    assert seen.text == "quoted\nbold log\ncode\nend"
    assert {note.name for note in seen.notes} == {
        "chat",
        "topic",
        "parse_mode",
        "silent",
    }


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [
        ("123456:long-enough", 200, ""),
        ("123456:revoked-token", 401, "Unauthorized"),
        ("123456:short", 401, "Unauthorized"),
        ("0123:long-enough", 401, "Unauthorized: invalid token specified"),
        ("no-colon-at-all", 401, "Unauthorized: invalid token specified"),
        ("abc:long-enough", 401, "Unauthorized: invalid token specified"),
        (f"{2**54}:long-enough", 401, "Unauthorized: invalid token specified"),
        ("1:" + "x" * 80, 401, "Unauthorized: invalid token specified"),
    ],
)
def test_the_token_decides_first(token: str, status: int, description: str) -> None:
    reply = telegram.receive(post(f"bot{token}/getMe", b"", method="GET"))
    assert reply.status == status
    if status != 200:
        assert description_of(reply) == description


@pytest.mark.parametrize(
    ("path", "description"),
    [
        ("elsewhere", "Not Found"),
        ("bot/getMe", "Not Found"),
        (f"{BOT}/sendPigeon", "Not Found: method not found"),
    ],
)
def test_an_unknown_address_is_not_found(path: str, description: str) -> None:
    reply = telegram.receive(post(path, {}))
    assert reply.status == 404
    assert description_of(reply) == description


@pytest.mark.parametrize(
    ("chat_id", "status", "description"),
    [
        (-404, 400, "Bad Request: chat not found"),
        (0, 400, "Bad Request: chat not found"),
        ("nobody", 400, "Bad Request: chat not found"),
        ("@x", 400, "Bad Request: chat not found"),
        (2**63, 400, "Bad Request: chat not found"),
        ("", 400, "Bad Request: chat_id is empty"),
        (-403, 403, "Forbidden: bot was blocked by the user"),
        (-2, 403, "Forbidden: bot was kicked from the group chat"),
        (-1, 400, "Bad Request: group chat was upgraded to a supergroup chat"),
    ],
)
@pytest.mark.parametrize("method", ["sendMessage", "getChat"])
def test_a_chat_may_refuse(
    method: str, chat_id: object, status: int, description: str
) -> None:
    request = post(f"{BOT}/{method}", {"chat_id": chat_id, "text": "a"})
    reply = telegram.receive(request)
    assert reply.status == status
    assert description_of(reply) == description


def test_an_upgraded_group_names_its_new_id() -> None:
    assert answer_of(send(chat_id=-1, text="a"))["parameters"] == {
        "migrate_to_chat_id": -1001
    }


@pytest.mark.parametrize(
    ("chat_id", "kind"),
    [
        (42, "private"),
        (-100, "group"),
        (-1001234567890, "supergroup"),
        ("@channel", "channel"),
    ],
)
def test_any_other_chat_takes_messages(chat_id: object, kind: str) -> None:
    chat = result_of(send(chat_id=chat_id, text="a"))["chat"]
    assert isinstance(chat, dict)
    assert chat["type"] == kind


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({}, "Bad Request: message text is empty"),
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: text must be non-empty"),
        ({"text": "**", "parse_mode": "MarkdownV2"}, "Bad Request: text must be non-"),
        ({"text": "a" * 4097}, "Bad Request: message is too long"),
        ({"text": "a" * 32769}, "Bad Request: text is too long"),
        ({"text": "a", "parse_mode": "XML"}, "Bad Request: unsupported parse_mode"),
        (
            {"text": "1.4", "parse_mode": "MarkdownV2"},
            "Bad Request: can't parse entities: Character '.' is reserved and must ",
        ),
        ({"text": "<p>", "parse_mode": "HTML"}, "Bad Request: can't parse entities: "),
        (
            {"text": "_a", "parse_mode": "Markdown"},
            "Bad Request: can't parse entities: ",
        ),
        ({"text": "a", "message_thread_id": 404}, "Bad Request: message thread not "),
        ({"text": "a", "reply_markup": []}, "Bad Request: object expected as reply "),
        ({"text": "a", "reply_markup": "{"}, "Bad Request: can't parse reply markup "),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "b"}]]}},
            "Bad Request: can't parse inline keyboard button: Text buttons are ",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"url": "b"}]]}},
            "Bad Request: can't parse inline keyboard button: Can't find field ",
        ),
        ({"text": "\ud800"}, "Bad Request: strings must be encoded in UTF-8"),
    ],
)
def test_a_bad_message_is_refused(params: dict[str, object], description: str) -> None:
    reply = send(**params)
    assert reply.status == 400
    assert str(description_of(reply)).startswith(description.rstrip())


def test_the_length_counts_after_parsing() -> None:
    text = "*" + "张" * 4096 + "*"
    assert result_of(send(text=text, parse_mode="MarkdownV2"))["text"] == "张" * 4096


def test_a_refused_message_is_shown_as_it_came() -> None:
    reply = send(text="1.4", parse_mode="MarkdownV2")
    assert reply.arrived is not None
    assert not reply.arrived.accepted
    assert reply.arrived.code == "400"
    assert reply.arrived.seen.text == "1.4"


@pytest.mark.parametrize(
    ("query", "kind", "body"),
    [
        ("chat_id=42&text=%E5%BC%A0+a", "", b""),
        ("", "application/x-www-form-urlencoded", b"chat_id=42&text=%E5%BC%A0+a"),
        ("chat_id=42", "application/json; charset=utf-8", '{"text":"张 a"}'.encode()),
        (
            "",
            "multipart/form-data; boundary=b",
            MULTIPART,
        ),
    ],
)
def test_parameters_come_in_every_form(query: str, kind: str, body: bytes) -> None:
    method = "POST" if body else "GET"
    headers = {"content-type": kind}
    request = Request(method, f"{BOT}/sendMessage", query, headers, body, NOW)
    assert result_of(telegram.receive(request))["text"] == "张 a"


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"a"', b'{"text":"\xff"}'])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert telegram.receive(post(f"{BOT}/sendMessage", body)).status == 400


def test_get_me_proves_the_token_and_is_not_shown() -> None:
    reply = telegram.receive(post(f"{BOT}/getme", b"", method="GET"))
    assert result_of(reply)["username"] == "sandbox_bot"
    assert reply.arrived is None


def test_too_many_requests_name_the_wait_twice() -> None:
    reply = telegram.rate_limited(3)
    assert reply.status == 429
    assert answer_of(reply)["parameters"] == {"retry_after": 3}
    assert ("Retry-After", "3") in reply.headers
