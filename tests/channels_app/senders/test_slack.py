import json
from typing import Any

import pytest

from channels_app.senders.contract import (
    ContentType,
    FailureClass,
    PermanentSendError,
    Receipt,
    RetryableSendError,
    SendError,
)
from channels_app.senders.slack import SlackForm, SlackSender
from tests.channels_app.senders.examples import answer, message, payload

CONFIG = {"webhook_url": "https://hooks.slack.com/services/T0AAA/B0BBB/c1c2c3-token"}
REQUIRED = {"webhook_url"}
JSON = {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Zoë*"}}]}
SENDER = SlackSender()


def body(
    content: str,
    content_type: ContentType = ContentType.TEXT,
    *,
    subject: str = "Alert",
) -> dict[str, Any]:
    sent = message(content, content_type, subject=subject)
    (request,) = SENDER.build(CONFIG, sent)
    parsed: dict[str, Any] = json.loads(request.body)
    return parsed


def refused(status: int, raw: bytes, **headers: str) -> SendError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(SendError) as caught:
        SENDER.read(answer(status, raw, named))
    return caught.value


@pytest.mark.parametrize(
    ("subject", "content", "text"),
    [
        ("Alert", "hi", "*Alert*\n\nhi"),
        ("", "hi", "hi"),
        ("Alert", "", "*Alert*"),
        ("two\nlines", "hi", "*two lines*\n\nhi"),
        ("", "<!channel> a & b", "&lt;!channel&gt; a &amp; b"),
        ("<!here>", "x", "*&lt;!here&gt;*\n\nx"),
    ],
)
def test_text_is_headed_and_pings_nobody(subject: str, content: str, text: str) -> None:
    assert body(content, subject=subject) == {"text": text}


def test_the_quoted_name_arrives_exact() -> None:
    text = '{"who": "Zoë \\"Q\\" \\\\ 张三"}'
    assert body(text, subject="")["text"] == text


def test_markdown_is_kept() -> None:
    sent = body("<https://e.org|link> _x_", ContentType.MARKDOWN)
    assert sent["text"] == "*Alert*\n\n<https://e.org|link> _x_"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([{"type": "divider"}], {"blocks": [{"type": "divider"}], "text": "Alert"}),
        ({"text": "x"}, {"text": "x"}),
        ({"attachments": []}, {"attachments": [], "text": "Alert"}),
    ],
)
def test_json_is_a_list_of_blocks_or_the_body(
    content: object, expected: object
) -> None:
    assert body(json.dumps(content), ContentType.JSON) == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("x", "message_invalid"),
        ({"type": "section"}, "message_invalid"),
        ({"blocks": "x"}, "message_invalid"),
        (["x"], "message_invalid"),
        ([{"type": "divider"}] * 51, "message_too_large"),
        ([{"type": "section", "text": {"text": "x" * 3_001}}], "message_too_large"),
        ({"text": "x" * 40_001}, "message_too_large"),
    ],
)
def test_json_that_slack_would_refuse_is_not_sent(content: object, code: str) -> None:
    with pytest.raises(PermanentSendError, match=code):
        body(json.dumps(content), ContentType.JSON)


def test_text_that_slack_would_cut_is_not_sent() -> None:
    with pytest.raises(PermanentSendError, match="message_too_large"):
        body("x" * 40_001)


def test_only_the_word_ok_is_success() -> None:
    assert SENDER.read(answer(200, payload("slack/ok.txt"))) == Receipt()
    assert refused(200, b"<html>login</html>").code == "answer_unreadable"
    assert refused(200, b'{"ok": true}').code == "answer_unreadable"
    assert refused(200, b"surprise").code == "unknown_code"
    assert refused(500, b"ok").code == "http_500"


@pytest.mark.parametrize(
    ("status", "word", "code", "failure"),
    [
        (400, "invalid_payload", "invalid_payload", FailureClass.PERMANENT),
        (400, "no_text", "no_text", FailureClass.PERMANENT),
        (400, "too_many_attachments", "too_many_attachments", FailureClass.PERMANENT),
        (400, "user_not_found", "user_not_found", FailureClass.CONFIG),
        (
            400,
            "posting_to_general_channel_denied",
            "posting_to_general_channel_denied",
            FailureClass.CONFIG,
        ),
        (403, "action_prohibited", "action_prohibited", FailureClass.CONFIG),
        (403, "invalid_token", "invalid_token", FailureClass.GONE),
        (404, "channel_not_found", "channel_not_found", FailureClass.CONFIG),
        (404, "no_service", "no_service", FailureClass.GONE),
        (404, "no_service_id", "no_service", FailureClass.GONE),
        (404, "no_active_hooks", "no_active_hooks", FailureClass.GONE),
        (404, "no_team", "no_team", FailureClass.GONE),
        (404, "team_disabled", "team_disabled", FailureClass.CONFIG),
        (410, "channel_is_archived", "channel_is_archived", FailureClass.GONE),
        (500, "rollup_error", "rollup_error", FailureClass.RETRYABLE),
    ],
)
def test_slacks_words_are_understood(
    status: int, word: str, code: str, failure: FailureClass
) -> None:
    error = refused(status, payload(f"slack/{word}.txt"))
    assert error.code == code
    assert SENDER.errors[code].failure is failure


@pytest.mark.parametrize(
    ("status", "raw", "code"),
    [
        (429, b"", "http_429"),
        (429, b"rate_limited", "rate_limited"),
        (200, b'{"ok":false,"error":"ratelimited"}', "rate_limited"),
        (404, b"", "http_404"),
        (400, b"http_500", "http_400"),
        (503, b"<html>", "http_503"),
    ],
)
def test_other_answers_are_read_by_their_status(
    status: int, raw: bytes, code: str
) -> None:
    assert refused(status, raw).code == code


def test_slack_says_how_long_to_wait() -> None:
    error = refused(429, b"", retry_after="30")
    assert isinstance(error, RetryableSendError)
    assert error.retry_after == 30


def test_another_host_is_allowed_with_a_warning() -> None:
    form = SlackForm(data={"webhook_url": "https://slack.example.org/x"})
    assert form.is_valid()
    assert len(form.warnings()) == 1
