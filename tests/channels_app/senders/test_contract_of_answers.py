"""What every sender keeps when it reads an answer, whatever the answer is."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.senders.contract import (
    Answer,
    FailureClass,
    HttpSender,
    Receipt,
    RetryableSendError,
    Sender,
    SendError,
)
from tests.channels_app.senders.every_sender import (
    HTTP,
    config_of,
    http_kinds,
    secrets_of,
)
from tests.channels_app.senders.examples import PAYLOADS, answer, message

GARBAGE = (
    b"",
    b"ok",
    b"\xff\xfe\x00broken",
    b"<html><title>Login</title><body>please</body></html>",
    b"[" * 10_000,
    b'{"code":' * 5_000,
    b"null",
    b"[]",
    b'{"code":"0"}',
    b'{"code":true}',
    b'{"ok":true}',
    b'{"ok":"yes"}',
    b'{"ok":false}',
    b'{"ok":false,"error_code":"x","parameters":[1]}',
    b'{"ok":false,"error_code":429,"parameters":{"retry_after":1e400}}',
    b'{"ok":false,"error_code":429,"parameters":{"retry_after":1%s}}' % (b"0" * 400),
    b"9" * 5_000,
    "\u202e\u0000".encode(),
)


def bodies_of(kind: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((PAYLOADS / kind).iterdir())]


def outcome(sender: HttpSender, given_answer: Answer) -> SendError | None:
    try:
        receipt = sender.read(given_answer)
    except SendError as error:
        return error
    assert isinstance(receipt, Receipt)
    return None


@http_kinds
@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_no_secret_shows_in_an_error_that_echoes_the_request(
    kind: str, status: int
) -> None:
    sender, config = HTTP[kind], config_of(kind)
    for request in sender.build(config, message()):
        echo = f"cannot {request.method} {request.url}; {dict(request.headers)}"
        for body in (
            echo,
            json.dumps({"code": 19001, "msg": echo}),
            json.dumps({"ok": False, "error_code": 400, "description": echo}),
        ):
            error = outcome(sender, answer(status, body))
            shown = f"{error} {error!r} {error.detail if error else ''}"
            secrets = secrets_of(sender, config)
            assert not [secret for secret in secrets if secret in shown]


@http_kinds
def test_every_answer_has_an_outcome_that_is_explained(kind: str) -> None:
    sender = HTTP[kind]
    for status, body in itertools.product(
        range(100, 600), (*bodies_of(kind), *GARBAGE)
    ):
        error = outcome(sender, answer(status, body, {"retry-after": "7"}))
        if error is None:
            assert 200 <= status < 300
        else:
            check_error(sender, error)


@http_kinds
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.integers(100, 999),
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "code",
                        "msg",
                        "ok",
                        "error_code",
                        "description",
                        "parameters",
                        "retry_after",
                        "migrate_to_chat_id",
                        "result",
                        "message_id",
                        "error",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
    wait=st.text(st.characters(max_codepoint=255), max_size=40)
    | st.integers().map(str),
)
def test_no_answer_whatever_breaks_a_sender(
    kind: str, status: int, body: bytes, wait: str
) -> None:
    sender = HTTP[kind]
    error = outcome(sender, answer(status, body, {"retry-after": wait}))
    if error is not None:
        check_error(sender, error)


def check_error(sender: Sender, error: SendError) -> None:
    row = sender.errors[error.code]
    is_retryable = row.failure is FailureClass.RETRYABLE
    assert isinstance(error, RetryableSendError) == is_retryable
    assert len(error.detail) <= 500
    assert error.detail.isprintable()
    if isinstance(error, RetryableSendError) and error.retry_after is not None:
        assert 0 <= error.retry_after <= 24 * 3600


@http_kinds
def test_every_real_answer_is_understood(kind: str) -> None:
    assert bodies_of(kind), "put the provider's answers under tests/payloads"
