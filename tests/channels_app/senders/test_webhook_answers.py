"""How a receiver's answers are understood, by their status."""

import pytest

from channels_app.senders.contract import (
    FailureClass,
    Receipt,
    RetryableSendError,
    SendError,
)
from channels_app.senders.webhook import WebhookSender
from tests.channels_app.senders.examples import answer, payload

SENDER = WebhookSender()


def refused(status: int, raw: bytes = b"", **headers: str) -> SendError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(SendError) as caught:
        SENDER.read(answer(status, raw, named))
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_success(status: int) -> None:
    assert SENDER.read(answer(status, payload("webhook/accepted.json"))) == Receipt()


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        (301, "http_3xx", FailureClass.CONFIG),
        (308, "http_3xx", FailureClass.CONFIG),
        (400, "http_400", FailureClass.PERMANENT),
        (401, "http_401", FailureClass.CONFIG),
        (403, "http_403", FailureClass.CONFIG),
        (404, "http_404", FailureClass.CONFIG),
        (405, "http_405", FailureClass.CONFIG),
        (406, "http_4xx", FailureClass.PERMANENT),
        (408, "http_408", FailureClass.RETRYABLE),
        (409, "http_409", FailureClass.RETRYABLE),
        (410, "http_410", FailureClass.GONE),
        (413, "http_413", FailureClass.PERMANENT),
        (415, "http_415", FailureClass.PERMANENT),
        (418, "http_4xx", FailureClass.PERMANENT),
        (422, "http_422", FailureClass.PERMANENT),
        (425, "http_425", FailureClass.RETRYABLE),
        (429, "http_429", FailureClass.RETRYABLE),
        (500, "http_500", FailureClass.RETRYABLE),
        (501, "http_501", FailureClass.CONFIG),
        (502, "http_502", FailureClass.RETRYABLE),
        (503, "http_503", FailureClass.RETRYABLE),
        (504, "http_504", FailureClass.RETRYABLE),
        (505, "http_505", FailureClass.CONFIG),
        (507, "http_5xx", FailureClass.RETRYABLE),
        (101, "http_other", FailureClass.RETRYABLE),
        (700, "http_other", FailureClass.RETRYABLE),
    ],
)
def test_every_other_status_has_its_meaning(
    status: int, code: str, failure: FailureClass
) -> None:
    assert refused(status).code == code
    assert SENDER.errors[code].failure is failure


def test_the_receiver_says_how_long_to_wait() -> None:
    error = refused(503, retry_after="Mon, 06 Jan 2025 08:02:00 GMT")
    assert isinstance(error, RetryableSendError)
    assert error.retry_after == 120


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        (
            "gateway_error.html",
            502,
            "HTTP 502: 502 Bad Gateway 502 Bad Gateway nginx",
        ),
        (
            "problem.json",
            422,
            'HTTP 422: {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"content: must not be empty"}',
        ),
    ],
)
def test_the_detail_quotes_the_receiver(name: str, status: int, detail: str) -> None:
    assert refused(status, payload(f"webhook/{name}")).detail == detail
