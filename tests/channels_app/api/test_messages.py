from typing import Any

import pytest
from django.utils import timezone

from channels_app.models import NotificationLog, Outcome, Status
from tests.channels_app.rows import (
    default_client,
    make_attempt,
    make_client,
    make_config,
    make_log,
)
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

NO_SUCH = "0193e000-0000-7000-8000-000000000000"


def test_one_message_with_timeline_and_explanation(signed: Signed) -> None:
    log = make_log(
        default_client(),
        channel_type="webhook",
        status=Status.FAILED,
        error_code="invalid_url",
        error="no host",
        attempt_no=1,
    )
    make_attempt(log, 1, outcome=Outcome.REJECTED, error_code="invalid_url")
    data = signed("GET", f"/api/notifications/{log.message_id}").json()["data"]
    assert data["log"]["message_id"] == log.message_id
    assert data["log"]["may_duplicate"] is False
    assert [event["event"] for event in data["timeline"]] == [
        "accepted",
        "attempt_started",
        "attempt_ended",
        "failed",
    ]
    assert all(event["at"].endswith("Z") for event in data["timeline"])
    explanation = data["explanation"]
    assert set(explanation) == {
        "id",
        "severity",
        "who",
        "title",
        "cause",
        "evidence",
        "remedy",
        "verify",
    }
    assert explanation["id"] == "invalid_url"
    assert explanation["evidence"]["error"] == "no host"


def test_a_healthy_message_has_no_explanation(signed: Signed) -> None:
    log = make_log(default_client())
    data = signed("GET", f"/api/notifications/{log.message_id}/").json()["data"]
    assert data["explanation"] is None


@pytest.mark.parametrize("message_id", [NO_SUCH, "x", "%00", "x" * 300])
def test_a_message_that_is_not_there(signed: Signed, message_id: str) -> None:
    answer = signed("GET", f"/api/notifications/{message_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_anothers_message_is_not_there(signed: Signed) -> None:
    log = make_log(make_client("other"))
    for path in ("", "/cancel", "/resend"):
        method = "POST" if path else "GET"
        answer = signed(method, f"/api/notifications/{log.message_id}{path}")
        assert answer.status_code == 404


def test_cancelling_gives_the_new_state_or_a_conflict(signed: Signed) -> None:
    log = make_log(default_client())
    path = f"/api/notifications/{log.message_id}/cancel"
    answer = signed("POST", path)
    assert answer.json()["data"]["status"] == "cancelled"
    again = signed("POST", path, {})
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert again.json()["details"]["status"] == "cancelled"
    assert again.json()["error"] == (
        "This delivery is “cancelled”. "
        "Only one that waits or is being sent can be cancelled."
    )


def test_what_waits_is_not_sent_again(signed: Signed) -> None:
    log = make_log(default_client())
    answer = signed("POST", f"/api/notifications/{log.message_id}/resend")
    assert answer.status_code == 409
    assert answer.json()["error"] == (
        "This delivery is “waiting”. "
        "Only one that failed, was sent or is held can be sent again."
    )


def test_resending_a_failed_one_queues_it(signed: Signed) -> None:
    log = make_log(default_client(), status=Status.FAILED)
    answer = signed("POST", f"/api/notifications/{log.message_id}/resend")
    data = answer.json()["data"]
    assert (data["status"], data["message_id"]) == ("pending", log.message_id)


def test_resending_a_sent_one_makes_a_new_one(signed: Signed) -> None:
    client = default_client()
    log = make_log(client, status=Status.SENT, config=make_config(client))
    answer = signed("POST", f"/api/notifications/{log.message_id}/resend")
    data = answer.json()["data"]
    assert data["message_id"] != log.message_id
    assert data["log"]["metadata"]["resent_from"] == log.message_id
    assert data["log"]["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("body", "queued"),
    [
        ({}, 2),
        ({"channel": "slack"}, 1),
        ({"error_code": "dns_failed"}, 1),
        ({"since": "2025-01-07"}, 0),
        ({"until": "2025-01-06"}, 2),
        ({"ids": [NO_SUCH, 1]}, 0),
    ],
)
def test_failed_messages_are_retried_by_filter(
    signed: Signed, body: dict[str, Any] | None, queued: int
) -> None:
    client = default_client()
    make_config(client)
    make_config(client, channel_type="slack")
    make_log(client, pk=100, status=Status.FAILED, error_code="dns_failed")
    make_log(client, pk=101, status=Status.FAILED, channel_type="slack")
    body = {"include_old": True, **(body or {})}
    data = signed("POST", "/api/notifications/retry", body).json()["data"]
    assert (data["queued"], data["total_failed"]) == (queued, queued)
    assert data.keys() == {"queued", "total_failed", "message"}


@pytest.mark.parametrize("body", [None, {}])
def test_without_a_filter_all_that_failed_lately_are_retried(
    signed: Signed, body: dict[str, Any] | None
) -> None:
    client = default_client()
    make_config(client)
    make_log(client, status=Status.FAILED)
    make_log(client, status=Status.FAILED, created_at=timezone.now())
    data = signed("POST", "/api/notifications/retry", body).json()["data"]
    assert (data["queued"], data["total_failed"]) == (1, 2)


def test_a_dry_run_answers_the_plan_and_queues_nothing(signed: Signed) -> None:
    client = default_client()
    make_config(client)
    make_log(client, status=Status.FAILED, created_at=timezone.now())
    answer = signed("POST", "/api/notifications/retry", {"dry_run": True})
    data = answer.json()["data"]
    assert (data["queued"], data["total_failed"]) == (0, 1)
    assert (data["plan"]["ready"], data["plan"]["by_channel"]) == (1, {"lark": 1})
    assert NotificationLog.objects.get().status == Status.FAILED


@pytest.mark.parametrize(
    "body",
    [
        {"ids": "all"},
        {"ids": [0]},
        {"ids": [2**63]},
        {"ids": [2**70]},
        {"ids": ["x" * 37]},
        {"ids": [None]},
        {"ids": [1] * 1001},
        {"since": "soon"},
        {"channel": "pigeon"},
        {"channel": 5},
        {"error_code": "x" * 65},
        {"dry_run": "perhaps"},
    ],
)
def test_a_bad_filter_retries_nothing(signed: Signed, body: dict[str, Any]) -> None:
    make_log(default_client(), status=Status.FAILED)
    answer = signed("POST", "/api/notifications/retry", body)
    assert answer.status_code == 400
    assert NotificationLog.objects.get().status == Status.FAILED


def test_the_queue_says_how_it_stands(signed: Signed) -> None:
    client = default_client()
    for status in (Status.PENDING, Status.RETRYING, Status.SENDING, Status.FAILED):
        make_log(client, status=status)
    data = signed("GET", "/api/queue/status").json()["data"]
    assert data["depth"] == {"pending": 1, "retrying": 1, "sending": 1}
    assert data["oldest_due_seconds"] > 0
    assert (data["in_flight"], data["dead_letters"]) == (1, 1)
    assert (data["workers_alive"], data["sent_last_minute"]) == (0, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, Status.FAILED),
        ({"markAsFailed": True}, Status.FAILED),
        ({"markAsFailed": False}, Status.CANCELLED),
        ({"taskIds": [1]}, Status.RETRYING),
    ],
)
def test_waiting_retries_are_settled(
    signed: Signed, body: dict[str, Any], status: Status
) -> None:
    client = default_client()
    log = make_log(client, pk=100, status=Status.RETRYING, error_code="dns_failed")
    make_log(client, pk=101)
    answer = signed("POST", "/api/queue/clear-retries", body).json()
    log.refresh_from_db()
    assert log.status == status
    assert answer["data"]["updated"] == (status != Status.RETRYING)
