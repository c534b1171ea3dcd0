"""How Telegram's answers are understood, and what comes of them."""

import pytest

from channels_app.senders.contract import (
    Correction,
    FailureClass,
    Receipt,
    RetryableSendError,
    SendError,
)
from channels_app.senders.telegram import TelegramSender
from tests.channels_app.senders.examples import answer, payload

SENDER = TelegramSender()


def refused(status: int, raw: bytes, **headers: str) -> SendError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(SendError) as caught:
        SENDER.read(answer(status, raw, named))
    return caught.value


def test_ok_is_success_and_names_the_message() -> None:
    assert SENDER.read(answer(200, payload("telegram/success.json"))) == Receipt("42")


@pytest.mark.parametrize(
    ("name", "code", "failure"),
    [
        ("400_chat_not_found", "chat_not_found", FailureClass.CONFIG),
        ("400_text_empty", "text_empty", FailureClass.PERMANENT),
        ("400_text_too_long", "text_too_long", FailureClass.PERMANENT),
        ("400_cant_parse_entities", "markup_invalid", FailureClass.RETRYABLE),
        ("400_unclosed_entity", "markup_invalid", FailureClass.RETRYABLE),
        ("400_chat_migrated", "chat_migrated", FailureClass.RETRYABLE),
        ("400_chat_upgraded", "chat_upgraded", FailureClass.CONFIG),
        ("400_topic_not_found", "topic_not_found", FailureClass.CONFIG),
        ("400_topic_closed", "topic_closed", FailureClass.CONFIG),
        ("400_rights_missing", "rights_missing", FailureClass.CONFIG),
        ("400_reply_markup_too_long", "reply_markup_too_long", FailureClass.PERMANENT),
        (
            "400_parse_mode_unsupported",
            "parse_mode_unsupported",
            FailureClass.PERMANENT,
        ),
        ("401_unauthorized", "token_refused", FailureClass.GONE),
        ("403_bot_blocked", "bot_blocked", FailureClass.GONE),
        ("403_user_deactivated", "user_deactivated", FailureClass.GONE),
        ("403_bot_kicked", "bot_removed", FailureClass.GONE),
        ("403_bot_not_member", "bot_removed", FailureClass.GONE),
        ("403_chat_deleted", "chat_deleted", FailureClass.GONE),
        (
            "403_conversation_not_started",
            "conversation_not_started",
            FailureClass.CONFIG,
        ),
        ("404_not_found", "method_not_found", FailureClass.CONFIG),
        ("421_misdirected", "server_refuses_bot", FailureClass.CONFIG),
        ("429_too_many_requests", "too_many_requests", FailureClass.RETRYABLE),
        ("500_restart", "http_500", FailureClass.RETRYABLE),
    ],
)
def test_telegrams_words_are_understood(
    name: str, code: str, failure: FailureClass
) -> None:
    error = refused(int(name[:3]), payload(f"telegram/{name}.json"))
    assert error.code == code
    assert SENDER.errors[code].failure is failure


@pytest.mark.parametrize(
    ("status", "raw", "code"),
    [
        (400, b'{"ok":false,"error_code":400,"description":"new"}', "http_400"),
        (403, b'{"ok":false,"error_code":403,"description":"new"}', "http_403"),
        (200, b'{"ok":false}', "http_other"),
        (200, b"<html>", "answer_unreadable"),
        (502, b"<html>", "http_502"),
        (500, b'{"ok":true}', "http_500"),
    ],
)
def test_other_answers_are_read_by_their_status(
    status: int, raw: bytes, code: str
) -> None:
    assert refused(status, raw).code == code


def test_a_moved_group_brings_its_new_number() -> None:
    error = refused(400, payload("telegram/400_chat_migrated.json"))
    assert isinstance(error, RetryableSendError)
    assert error.correction == Correction(config_changes={"chat_id": "-1001987654321"})


def test_wrong_markup_asks_for_plain_text() -> None:
    error = refused(400, payload("telegram/400_cant_parse_entities.json"))
    assert error.correction == Correction(plain_text=True)


def test_without_a_named_wait_a_limit_waits_a_minute() -> None:
    raw = b'{"ok":false,"error_code":429,"description":"Too Many Requests"}'
    error = refused(429, raw)
    assert isinstance(error, RetryableSendError)
    assert error.retry_after == 60


def test_the_wait_stands_in_the_parameters() -> None:
    error = refused(
        429, payload("telegram/429_too_many_requests.json"), retry_after="9"
    )
    assert isinstance(error, RetryableSendError)
    assert error.retry_after == 35
