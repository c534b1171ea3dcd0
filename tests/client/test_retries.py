"""What is tried again, how often, and that a retry cannot send twice."""

from collections.abc import Callable
from datetime import datetime

import pytest

from notifications_client import (
    AuthenticationError,
    Client,
    ClockSkewError,
    ConflictError,
    ConnectionFailedError,
    DeadlineExceededError,
    ForbiddenError,
    NotFoundError,
    Notification,
    NotificationError,
    RateLimitedError,
    RefusedError,
    RetryPolicy,
    UnavailableError,
    UnexpectedAnswerError,
    ValidationError,
)
from notifications_client.errors import Problem
from notifications_client.pacing import seconds_of
from tests.client import hostile as server
from tests.client.clients import HELLO, QUICK, SECRET, client
from tests.client.hostile import Reaction, hostile, refusal

PASSING: list[Reaction] = [
    refusal(429, "RATE_LIMITED", Retry_After="0"),
    refusal(503, "QUEUE_FULL", Retry_After="0"),
    refusal(500, "INTERNAL_ERROR"),
    server.answer(502, "<h1>Bad gateway</h1>"),
    server.answer(429, "slow down"),
    server.break_off,
    server.break_off_within,
    server.reset,
]
LASTING: list[tuple[Reaction, type[NotificationError]]] = [
    (refusal(400, "INVALID_PARAMETER"), ValidationError),
    (refusal(401, "INVALID_SIGNATURE"), AuthenticationError),
    (refusal(401, "TIMESTAMP_EXPIRED"), ClockSkewError),
    (refusal(403, "FORBIDDEN"), ForbiddenError),
    (refusal(404, "NOT_FOUND"), NotFoundError),
    (refusal(405, "METHOD_NOT_ALLOWED"), RefusedError),
    (refusal(409, "CONFLICT"), ConflictError),
    (refusal(409, "IDEMPOTENCY_IN_PROGRESS"), ConflictError),
    (refusal(413, "PAYLOAD_TOO_LARGE"), ValidationError),
    (refusal(422, "IDEMPOTENCY_KEY_REUSED"), ValidationError),
    (server.answer(200, "<h1>Welcome</h1>"), UnexpectedAnswerError),
    (server.answer(404, "<h1>Not found</h1>"), UnexpectedAnswerError),
    (server.answer(200, "[1]"), UnexpectedAnswerError),
    (server.answer(302, "", Location="https://other.example/"), UnexpectedAnswerError),
]


@pytest.mark.parametrize("reaction", PASSING)
def test_what_may_pass_is_tried_again(reaction: Reaction) -> None:
    with hostile(reaction, reaction, server.answer()) as service:
        sent = client(service.url).send(HELLO)
    assert sent.message_ids == ("m1",)
    assert len(service.seen) == 3


@pytest.mark.parametrize("reaction", PASSING)
def test_the_tries_are_bounded(reaction: Reaction) -> None:
    with hostile(reaction) as service, pytest.raises(NotificationError) as caught:
        client(service.url).send(HELLO)
    assert len(service.seen) == caught.value.tries == 3
    assert "3 tries" in str(caught.value)


@pytest.mark.parametrize(("reaction", "kind"), LASTING)
def test_what_will_not_pass_is_tried_once(
    reaction: Reaction, kind: type[NotificationError]
) -> None:
    with hostile(reaction) as service, pytest.raises(kind):
        client(service.url).send(HELLO)
    assert len(service.seen) == 1


def test_every_try_has_its_own_stamp_and_signature_and_the_same_key() -> None:
    trouble = refusal(503, "QUEUE_FULL", Retry_After="0")
    with hostile(trouble, server.break_off, server.answer()) as service:
        sent = client(service.url).send(HELLO)
    for name in ("X-Timestamp", "X-Signature", "X-Nonce"):
        assert len({seen.headers[name] for seen in service.seen}) == 3
    keys = {seen.json()["idempotency_key"] for seen in service.seen}
    assert keys == {sent.idempotency_key}
    assert len(sent.idempotency_key) == 32


def test_a_key_that_is_given_is_kept() -> None:
    with hostile() as service:
        sent = client(service.url).send(Notification("u1", "x", idempotency_key="mine"))
    assert service.seen[0].json()["idempotency_key"] == sent.idempotency_key == "mine"


def test_each_of_a_batch_gets_a_key_of_its_own() -> None:
    body = {
        "success": True,
        "results": [
            {"index": 0, "success": True, "results": [server.RESULT]},
            {"index": 1, "success": False, "error": "No.", "code": "INVALID_PARAMETER"},
        ],
        "accepted": 1,
        "rejected": 1,
    }
    with hostile(server.break_off, server.answer(202, body)) as service:
        batch = client(service.url).send_batch([HELLO, Notification("u2", "x")])
    first, second = (
        [item["idempotency_key"] for item in seen.json()["notifications"]]
        for seen in service.seen
    )
    assert first == second == [item.idempotency_key for item in batch.items]
    assert len(set(first)) == 2
    assert [item.is_accepted for item in batch.items] == [True, False]
    assert batch.message_ids == ("m1",)


def test_what_is_still_worked_on_is_awaited_after_a_lost_answer() -> None:
    """The second try finds the first one, whose answer was lost, not yet done."""
    working = refusal(409, "IDEMPOTENCY_IN_PROGRESS", Retry_After="0")
    with hostile(server.break_off, working, server.answer()) as service:
        assert client(service.url).send(HELLO).message_ids == ("m1",)


@pytest.mark.parametrize("reaction", [server.break_off, refusal(500, "INTERNAL_ERROR")])
def test_what_must_not_happen_twice_is_not_tried_again(reaction: Reaction) -> None:
    with hostile(reaction) as service, pytest.raises(NotificationError):
        client(service.url).resend("m1")
    assert len(service.seen) == 1


def test_what_was_surely_not_done_is_tried_again_in_any_case() -> None:
    limited = refusal(429, "RATE_LIMITED", Retry_After="0")
    moved = server.answer(200, {"success": True, "data": {"status": "pending"}})
    with hostile(limited, moved) as service:
        assert client(service.url).resend("m1") == "pending"


def test_it_gives_up_at_once_where_the_service_asks_for_more_time_than_there_is() -> (
    None
):
    with (
        hostile(refusal(429, "RATE_LIMITED", Retry_After="300")) as service,
        pytest.raises(RateLimitedError) as caught,
    ):
        client(service.url).send(HELLO)
    assert caught.value.retry_after == 300
    assert len(service.seen) == 1


@pytest.mark.parametrize("reaction", [server.say_nothing, server.drip])
def test_the_whole_call_ends_with_its_time(reaction: Reaction) -> None:
    retries = RetryPolicy(tries=9, total_seconds=0.4, first_wait=0.01)
    with (
        hostile(reaction) as service,
        pytest.raises((DeadlineExceededError, ConnectionFailedError)),
    ):
        client(service.url, retries).send(HELLO)


def test_a_silent_service_is_asked_again() -> None:
    with hostile(server.say_nothing, server.answer()) as service:
        sent = client(service.url, timeout=0.2).send(HELLO)
    assert sent.message_ids == ("m1",)


def test_nobody_at_the_address_is_said_so() -> None:
    with hostile() as service:
        url = service.url
    with pytest.raises(ConnectionFailedError, match="cannot be connected") as caught:
        client(url).send(HELLO)
    assert caught.value.tries == 3
    assert not caught.value.is_sent


def problem(retry_after: float | None = None) -> Problem:
    return Problem("No.", retry_after=retry_after)


def test_the_waits_grow_and_are_spread() -> None:
    policy = RetryPolicy(tries=20, first_wait=1, longest_wait=8)
    error = UnavailableError(problem())
    for tries, longest in enumerate((1, 2, 4, 8, 8, 8), start=1):
        waits = [
            policy.wait_after(error, tries, is_repeatable=True) or 0 for _ in range(50)
        ]
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(set(waits)) > 10


def test_the_service_s_own_wait_is_never_cut_short() -> None:
    error = RateLimitedError(problem(retry_after=30))
    for _ in range(50):
        wait = QUICK.wait_after(error, 1, is_repeatable=True)
        assert wait is not None
        assert 30 < wait < 31


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("", None),
        (None, None),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    header: str | None, seconds: float | None
) -> None:
    assert seconds_of(header) == seconds


def test_a_date_to_come_back_at_is_compared_with_the_service_s_own_clock() -> None:
    until, date = "Thu, 01 Jan 1970 00:01:40 GMT", "Thu, 01 Jan 1970 00:01:10 GMT"
    assert seconds_of(until, date) == 30


def test_all_tries_of_a_call_can_be_found_by_one_id() -> None:
    with (
        hostile(server.break_off) as service,
        pytest.raises(ConnectionFailedError) as caught,
    ):
        client(service.url).send(HELLO)
    ids = {seen.headers["X-Request-Id"] for seen in service.seen}
    assert ids == {caught.value.request_id}
    assert f"request {caught.value.request_id}" in str(caught.value)


def test_what_is_no_json_is_not_sent() -> None:
    with hostile() as service:
        with pytest.raises(ValueError, match="JSON"):
            client(service.url).send(
                Notification("u1", "x", metadata={"a": float("nan")})
            )
        with pytest.raises(ValueError, match="time zone"):
            client(service.url).send(
                Notification("u1", "x", send_at=datetime.fromisoformat("2026-01-01"))
            )
    assert service.seen == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Client("notifications.example.com", SECRET),
        lambda: Client("ftp://notifications.example.com", SECRET),
        lambda: Client("https://u:p@notifications.example.com", SECRET),
        lambda: Client("https://notifications.example.com/?a=b", SECRET),
        lambda: Client("https://notifications.example.com", ""),
        lambda: Client("https://notifications.example.com", SECRET + "\n"),
        lambda: Client(
            "https://notifications.example.com", SECRET, signature_version=3
        ),
        lambda: client("https://notifications.example.com").send_batch([]),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(
    make: Callable[[], object],
) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        make()
    assert SECRET not in str(caught.value)
