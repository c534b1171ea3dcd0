import json
from typing import Any

import pytest

from channels_app.senders.contract import (
    ContentType,
    Correction,
    FailureClass,
    PermanentSendError,
    Receipt,
    RetryableSendError,
    SendError,
)
from channels_app.senders.lark import LarkForm, LarkSender, sign
from tests.channels_app.senders.examples import answer, message, payload

CONFIG = {
    "webhook_url": "https://open.feishu.cn/open-apis/bot/v2/hook/8f1c-token-77",
    "secret": "lark-signing-secret",
    "msg_type": "text",
}
REQUIRED = {"webhook_url"}
JSON = {
    "header": {"title": {"tag": "plain_text", "content": "Zoë"}},
    "elements": [{"tag": "markdown", "content": "**bold** &lt;"}],
}
SENDER = LarkSender()


def body(
    content: str,
    content_type: ContentType = ContentType.TEXT,
    *,
    subject: str = "Alert",
    **config: object,
) -> dict[str, Any]:
    unsigned = {"webhook_url": CONFIG["webhook_url"], **config}
    (request,) = SENDER.build(unsigned, message(content, content_type, subject=subject))
    parsed: dict[str, Any] = json.loads(request.body)
    return parsed


def refused(status: int, raw: bytes, **headers: str) -> SendError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(SendError) as caught:
        SENDER.read(answer(status, raw, named))
    return caught.value


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1599360473", "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="),
        ("100", "jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg="),
    ],
)
def test_the_signature_is_larks(timestamp: str, expected: str) -> None:
    assert sign("demo", timestamp) == expected


def test_the_signature_stands_in_the_body_with_seconds_as_text() -> None:
    (request,) = SENDER.build(CONFIG, message())
    sent = json.loads(request.body)
    assert sent["timestamp"] == "1736150400"
    assert sent["sign"] == sign("lark-signing-secret", "1736150400")


def test_without_a_secret_nothing_is_signed() -> None:
    assert body("hi") == {"msg_type": "text", "content": {"text": "Alert\nhi"}}


def test_a_text_arrives_exact() -> None:
    text = '{"who": "Zoë \\"Q\\" \\\\ 张三"} *a* <b> & `x`'
    assert body(text, subject="")["content"]["text"] == text


@pytest.mark.parametrize(
    "tag", ['<at user_id="all">', "<AT user_id=all></AT>", '< at user_id="ou_1">x</at>']
)
def test_an_at_tag_in_a_text_pings_nobody_but_looks_the_same(tag: str) -> None:
    text = body(f"hello {tag}", subject=tag)["content"]["text"]
    assert "<at" not in text.lower()
    assert text.replace("\u200b", "") == f"{tag}\nhello {tag}"


def test_markdown_content_becomes_a_card_with_the_subject_as_title() -> None:
    card = body("**bold**", ContentType.MARKDOWN)["card"]
    assert card["header"]["title"] == {"tag": "plain_text", "content": "Alert"}
    assert card["elements"] == [{"tag": "markdown", "content": "**bold**"}]


@pytest.mark.parametrize("msg_type", ["interactive", "markdown"])
def test_plain_content_in_a_card_is_escaped(msg_type: str) -> None:
    sent = body("**not bold** <at id=all></at>", msg_type=msg_type)
    assert sent["msg_type"] == "interactive"
    shown = sent["card"]["elements"][0]["content"]
    assert "*" not in shown
    assert "<" not in shown


def test_a_post_has_a_title_and_a_paragraph_a_line() -> None:
    sent = body("one\ntwo", msg_type="post")
    assert sent["content"]["post"]["zh_cn"] == {
        "title": "Alert",
        "content": [
            [{"tag": "text", "text": "one"}],
            [{"tag": "text", "text": "two"}],
        ],
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"msg_type": "text", "content": {"text": "x"}}, None),
        ({"msg_type": "interactive", "card": {"elements": []}}, None),
        ({"msg_type": "share_chat", "content": {"share_chat_id": "oc_1"}}, None),
        (
            {"card": {"elements": []}},
            {"msg_type": "interactive", "card": {"elements": []}},
        ),
        (
            {"header": {}, "elements": []},
            {"msg_type": "interactive", "card": {"header": {}, "elements": []}},
        ),
        (
            {"schema": "2.0", "body": {}},
            {"msg_type": "interactive", "card": {"schema": "2.0", "body": {}}},
        ),
    ],
)
def test_json_content_is_the_body_and_a_bare_card_is_wrapped(
    content: dict[str, object], expected: dict[str, object] | None
) -> None:
    assert body(json.dumps(content), ContentType.JSON) == (expected or content)


@pytest.mark.parametrize(
    "content", ["[]", '"x"', "null", "{}", '{"msg_type": 1}', '{"msg_type": "text"}']
)
def test_json_that_is_no_lark_body_is_refused(content: str) -> None:
    with pytest.raises(PermanentSendError, match="message_invalid"):
        body(content, ContentType.JSON)


def test_a_body_over_20_kb_is_refused() -> None:
    assert body("x" * 20_000)
    with pytest.raises(PermanentSendError, match="message_too_large"):
        body("x" * 20_500)


@pytest.mark.parametrize("name", ["success.json", "success_legacy.json"])
def test_code_0_is_success(name: str) -> None:
    assert SENDER.read(answer(200, payload(f"lark/{name}"))) == Receipt()


@pytest.mark.parametrize("status", [200, 400, 429, 500])
@pytest.mark.parametrize(
    ("name", "code", "failure"),
    [
        ("9499_bad_request", "9499", FailureClass.PERMANENT),
        ("9499_too_many_request", "9499_frequency", FailureClass.RETRYABLE),
        ("11232_frequency_limited", "11232", FailureClass.RETRYABLE),
        ("99991400_gateway_throttle", "99991400", FailureClass.RETRYABLE),
        ("11246_card_refused", "11246", FailureClass.PERMANENT),
        ("19001_token_invalid", "19001", FailureClass.GONE),
        ("19002_msg_type_missing", "19002", FailureClass.PERMANENT),
        ("19021_sign_mismatch", "19021", FailureClass.CONFIG),
        ("19022_ip_not_allowed", "19022", FailureClass.CONFIG),
        ("19024_keyword_missing", "19024", FailureClass.CONFIG),
    ],
)
def test_the_code_in_the_body_decides_whatever_the_status(
    status: int, name: str, code: str, failure: FailureClass
) -> None:
    raw = payload(f"lark/{name}.json")
    error = refused(status, raw)
    assert error.code == code
    assert SENDER.errors[code].failure is failure
    assert error.detail == json.loads(raw)["msg"].strip()


@pytest.mark.parametrize(
    ("status", "raw", "code"),
    [
        (200, payload("lark/unknown_code.json"), "unknown_code"),
        (404, payload("lark/unknown_code.json"), "http_404"),
        (500, payload("lark/success.json"), "http_500"),
        (200, b"<html>login</html>", "answer_unreadable"),
        (200, b"{}", "answer_unreadable"),
        (503, b"", "http_503"),
        (302, b"", "http_3xx"),
    ],
)
def test_what_is_not_understood_is_read_by_its_status(
    status: int, raw: bytes, code: str
) -> None:
    assert refused(status, raw).code == code


def test_a_refused_card_may_be_sent_once_as_plain_text() -> None:
    error = refused(200, payload("lark/11246_card_refused.json"))
    assert error.correction == Correction(plain_text=True)


def test_the_gateway_says_how_long_to_wait() -> None:
    raw = payload("lark/99991400_gateway_throttle.json")
    error = refused(429, raw, x_ogw_ratelimit_reset="12")
    assert isinstance(error, RetryableSendError)
    assert error.retry_after == 12


def test_a_card_as_plain_text_keeps_its_words() -> None:
    card = {
        "header": {"title": {"tag": "plain_text", "content": "Disk"}},
        "elements": [
            {"tag": "markdown", "content": "is **full**"},
            {"tag": "action", "actions": [{"text": {"content": "Open"}}]},
        ],
    }
    plain = SENDER.plain(CONFIG, message(json.dumps(card), ContentType.JSON))
    assert plain.content_type is ContentType.TEXT
    assert plain.content == "Disk\nis **full**\nOpen"


@pytest.mark.parametrize(
    ("content_type", "plain"),
    [(ContentType.TEXT, "a &#42; b"), (ContentType.MARKDOWN, "a * b")],
)
def test_escaped_markdown_as_plain_text_shows_its_characters(
    content_type: ContentType, plain: str
) -> None:
    assert SENDER.plain(CONFIG, message("a &#42; b", content_type)).content == plain


def test_a_card_with_a_subject_alone_is_sent() -> None:
    assert body("", msg_type="interactive")["card"]["elements"] == [{"tag": "hr"}]


@pytest.mark.parametrize(
    ("link", "warnings"),
    [
        ("https://open.larksuite.com/open-apis/bot/v2/hook/x", 0),
        ("https://proxy.example.org/lark", 1),
        ("http://127.0.0.1:9000/lark", 2),
        ("https://open.feishu.cn/open-apis/bot/hook/x", 1),
    ],
)
def test_an_unusual_address_is_allowed_with_a_warning(link: str, warnings: int) -> None:
    form = LarkForm(data={"webhook_url": link})
    assert form.is_valid()
    assert len(form.warnings()) == warnings
