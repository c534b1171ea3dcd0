"""Exceptions say what happened and what to do; the clock's is exact."""

import time
from email.utils import formatdate
from typing import Any

import pytest

from notifications_client import (
    AuthenticationError,
    ClockSkewError,
    UnavailableError,
    UnexpectedAnswerError,
    ValidationError,
)
from notifications_client.clock import Clock, now_ms
from notifications_client.refusals import clock_sentence
from tests.client import hostile as server
from tests.client.clients import HELLO, SECRET, client
from tests.client.hostile import Reaction, hostile, refusal

MINUTE = 60_000


def expired(skew_ms: int) -> Reaction:
    body = {
        "success": False,
        "error": "X-Timestamp is more than five minutes away.",
        "code": "TIMESTAMP_EXPIRED",
        "hint": "Synchronise the clock.",
        "request_id": "r1",
        "details": {"skew_ms": skew_ms},
    }
    return server.answer(401, body)


def test_an_exception_has_all_that_the_service_said() -> None:
    body = {
        "success": False,
        "error": "channels: there is no channel “fax”.",
        "code": "INVALID_CHANNEL_TYPE",
        "hint": "Use one of: email, lark.",
        "details": {"problems": ["fax"]},
        "request_id": "req-7",
    }
    with (
        hostile(server.answer(400, body)) as service,
        pytest.raises(ValidationError) as caught,
    ):
        client(service.url).send(HELLO)
    error = caught.value
    assert (error.code, error.status) == ("INVALID_CHANNEL_TYPE", 400)
    assert (error.hint, error.request_id) == ("Use one of: email, lark.", "req-7")
    assert error.details == {"problems": ["fax"]}
    assert str(error) == (
        "channels: there is no channel “fax”. Use one of: email, lark. "
        "[INVALID_CHANNEL_TYPE, HTTP 400, request req-7]"
    )


@pytest.mark.parametrize("envelope", [{"error": 7}, {"error": None}, [], "x", {}])
def test_an_answer_of_somebody_else_is_not_taken_for_the_service_s(
    envelope: object,
) -> None:
    with (
        hostile(server.answer(400, envelope)) as service,
        pytest.raises(UnexpectedAnswerError),
    ):
        client(service.url).send(HELLO)


def test_a_redirect_says_where_to_and_is_not_followed() -> None:
    moved = server.answer(301, "", Location="https://new.example.com/")
    with hostile(moved) as service, pytest.raises(UnexpectedAnswerError) as caught:
        client(service.url).send(HELLO)
    assert "https://new.example.com/" in str(caught.value)


def test_a_proxy_without_a_service_behind_it_is_named() -> None:
    with (
        hostile(server.answer(502, "<h1>Bad gateway</h1>")) as service,
        pytest.raises(UnavailableError, match="proxy") as caught,
    ):
        client(service.url).send(HELLO)
    assert caught.value.code == "HTTP_502"


@pytest.mark.parametrize(
    ("skew", "sentence"),
    [
        (7 * MINUTE + 12_000, "7 min 12 s ahead of"),
        (-7 * MINUTE, "7 min 0 s behind"),
        (1_500, "1.5 s ahead of"),
        (-8 * 60 * MINUTE, "8 h 0 min behind"),
    ],
)
def test_the_clock_s_error_is_told_in_words(skew: int, sentence: str) -> None:
    with hostile(expired(skew)) as service, pytest.raises(ClockSkewError) as caught:
        client(service.url).send(HELLO)
    assert caught.value.skew_ms == skew
    assert sentence in str(caught.value)
    assert sentence in clock_sentence(skew)
    assert "correct_clock" in caught.value.hint


def test_without_an_exact_figure_the_date_header_is_used() -> None:
    old = formatdate(time.time() - 600, usegmt=True)
    with (
        hostile(refusal(401, "TIMESTAMP_EXPIRED", Date=old)) as service,
        pytest.raises(ClockSkewError) as caught,
    ):
        client(service.url).send(HELLO)
    assert caught.value.skew_ms is not None
    assert 598_000 < caught.value.skew_ms < 602_000


def test_a_wrong_clock_can_be_corrected() -> None:
    with hostile(expired(10 * MINUTE), server.answer()) as service:
        caller = client(service.url, correct_clock=True)
        caller.send(HELLO)
        caller.send(HELLO)
    wrong, *right = [int(seen.headers["X-Timestamp"]) for seen in service.seen]
    assert len(right) == 2
    for stamp in right:
        assert wrong - 10 * MINUTE <= stamp < wrong - 9 * MINUTE


def test_a_clock_that_stays_wrong_is_an_error() -> None:
    with hostile(expired(10 * MINUTE)) as service, pytest.raises(ClockSkewError):
        client(service.url, correct_clock=True).send(HELLO)
    assert len(service.seen) == 2


@pytest.mark.parametrize("ahead", [0, 90, -90])
def test_the_skew_is_measured_with_each_answer(ahead: int) -> None:
    date = formatdate(time.time() - ahead, usegmt=True)
    healthy = server.answer(200, {"status": "healthy"}, Date=date)
    with hostile(healthy) as service:
        caller = client(service.url)
        caller.health()
    assert caller.clock_skew_ms is not None
    assert abs(caller.clock_skew_ms - ahead * 1000) < 10_000


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Jan 1970"])
def test_a_strange_date_measures_nothing(date: Any) -> None:
    clock = Clock()
    clock.note(date, now_ms(), now_ms())
    assert clock.skew_ms is None


def test_stamps_are_never_the_same() -> None:
    clock = Clock()
    stamps = [int(clock.stamp()) for _ in range(1000)]
    assert stamps == sorted(set(stamps))


def test_nothing_that_is_raised_or_shown_has_the_secret() -> None:
    with hostile(refusal(401, "INVALID_SIGNATURE")) as service:
        caller = client(service.url)
        with pytest.raises(AuthenticationError) as caught:
            caller.send(HELLO)
    assert SECRET not in f"{caught.value}{caught.value!r}{caller!r}{vars(caller)}"
