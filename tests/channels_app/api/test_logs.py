from datetime import timedelta
from typing import Any

import pytest

from channels_app.models import NotificationLog, Status
from tests.channels_app.rows import NOON, default_client, make_client, make_log
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

FIELDS = {
    "id",
    "message_id",
    "user_id",
    "channel_type",
    "template_key",
    "template_version",
    "subject",
    "content",
    "status",
    "retry_count",
    "error",
    "sent_at",
    "created_at",
    "request_id",
}


def test_a_page_has_the_shape_of_the_contract(signed: Signed) -> None:
    make_log(default_client())
    answer = signed("GET", "/api/notification-logs/")
    data = answer.json()["data"]
    assert answer.status_code == 200
    assert {"logs", "total", "limit", "offset", "next_cursor"} <= set(data)
    assert set(data["logs"][0]) == FIELDS
    assert data["logs"][0]["created_at"] == "2025-01-06T12:00:00Z"
    assert (data["total"], data["limit"], data["offset"]) == (1, 100, 0)
    assert data["next_cursor"] is None


def test_a_cursor_leads_to_the_next_page(signed: Signed) -> None:
    client = default_client()
    made = [make_log(client).pk for _ in range(3)]
    first = signed("GET", "/api/notification-logs?limit=2").json()["data"]
    cursor = first["next_cursor"]
    second = signed("GET", f"/api/notification-logs?limit=2&cursor={cursor}").json()
    rows = first["logs"] + second["data"]["logs"]
    assert [row["id"] for row in rows] == made[::-1]
    assert second["data"]["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("user_id=u2", {"b"}),
        ("channel=telegram", {"c"}),
        ("channel_type=telegram", {"c"}),
        ("status=retrying", {"b"}),
        ("status=retry", {"b"}),
        ("status=retry_scheduled", {"b"}),
        ("template_key=welcome", {"c"}),
        ("start_date=2025-01-06T12:00:00Z", {"b", "c"}),
        ("start_date=2025-01-06T20:00:00%2B08:00", {"b", "c"}),
        ("start_date=2025-01-06T20:00:00+08:00", {"b", "c"}),
        ("end_date=2025-01-06T12:00:00.000Z", {"a", "b"}),
        ("start_date=2025-01-06&end_date=2025-01-06", {"b"}),
        ("end_date=2025-01-05", {"a"}),
        ("limit=1", {"c"}),
        ("limit=1&offset=1", {"b"}),
        ("user_id=&status=&limit=", {"a", "b", "c"}),
    ],
)
def test_filters_narrow_the_list(signed: Signed, query: str, found: set[str]) -> None:
    client, day = default_client(), timedelta(days=1)
    make_log(client, content="a", created_at=NOON - day)
    make_log(client, content="b", user_id="u2", status=Status.RETRYING)
    make_log(
        client,
        content="c",
        channel_type="telegram",
        template_key="welcome",
        created_at=NOON + day,
    )
    rows = signed("GET", f"/api/notification-logs?{query}").json()["data"]["logs"]
    assert {row["content"] for row in rows} == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata_key=ticket", {"a", "b", "c"}),
        ("metadata_key=ticket&metadata_value=T-1", {"a"}),
        ("metadata_key=ticket&metadata_value=7", {"b"}),
        ("metadata_key=ticket&metadata_value=true", {"c"}),
        ("metadata_key=5&metadata_value=five", {"b"}),
        ("metadata_key=a%22%27%5C.b%20%25s&metadata_value=%E5%BC%A0%E4%B8%89", {"c"}),
        ("metadata_key=T-1", set()),
        ("metadata_key=ticket&user_id=u2", {"b"}),
        ("metadata_key=ticket&limit=1&offset=1", {"b"}),
    ],
)
def test_what_callers_noted_is_found_by_its_key(
    signed: Signed, query: str, found: set[str]
) -> None:
    client = default_client()
    make_log(client, content="a", metadata={"ticket": "T-1"})
    make_log(client, content="b", user_id="u2", metadata={"ticket": 7, "5": "five"})
    make_log(client, content="c", metadata={"ticket": True, "a\"'\\.b %s": "张三"})
    make_log(client, content="d")
    data = signed("GET", f"/api/notification-logs?{query}").json()["data"]
    assert {row["content"] for row in data["logs"]} == found
    if "limit" not in query:
        assert data["total"] == len(found)


@pytest.mark.parametrize(
    "query",
    [
        "metadata_key=%00",
        "metadata_key=" + "x" * 1001,
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=-1",
        "limit=1.5",
        "limit=99999999999999999999",
        "limit=%D9%A3",
        "offset=-1",
        "offset=10001",
        "status=lost",
        "channel=pigeon",
        "user_id=%00",
        "user_id=" + "x" * 101,
        "template_key=" + "x" * 101,
        "start_date=yesterday",
        "start_date=2025-13-01",
        "end_date=0001-01-01T00:00:00%2B14:00",
        "cursor=nonsense",
        "cursor=%00",
        "cursor=YmVmb3JlOjU&offset=1",
    ],
)
def test_a_bad_filter_is_refused(signed: Signed, query: str) -> None:
    answer = signed("GET", f"/api/notification-logs?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] in {"INVALID_PARAMETER", "INVALID_CHANNEL_TYPE"}


def test_a_settled_log_is_deleted_and_named(signed: Signed) -> None:
    log = make_log(default_client(), status=Status.SENT)
    answer = signed("DELETE", f"/api/notification-logs/{log.pk}")
    assert answer.json()["deletedLog"] == {
        "id": log.pk,
        "user_id": "u1",
        "created_at": "2025-01-06T12:00:00Z",
    }
    assert not NotificationLog.objects.exists()


def test_an_unsettled_log_stays(signed: Signed) -> None:
    log = make_log(default_client())
    answer = signed("DELETE", f"/api/notification-logs/{log.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert NotificationLog.objects.exists()


@pytest.mark.parametrize("log_id", ["0", "1", "9" * 19, "9" * 40, "x", "-1"])
def test_a_log_that_is_not_there(signed: Signed, log_id: str) -> None:
    assert signed("DELETE", f"/api/notification-logs/{log_id}").status_code == 404


def test_anothers_log_is_not_there(signed: Signed) -> None:
    log = make_log(make_client("other"), status=Status.SENT)
    assert signed("DELETE", f"/api/notification-logs/{log.pk}").status_code == 404


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("?days=1", None),
        ("?before=2025-01-07", None),
        ("", {"days": 1}),
        ("", {"before": "2025-01-07T00:00:00Z"}),
        ("", {"before_date": "2025-01-07"}),
    ],
)
def test_cleaning_up_deletes_what_is_old_and_settled(
    signed: Signed, query: str, body: dict[str, Any] | None
) -> None:
    make_log(default_client(), status=Status.SENT)
    make_log(default_client(), status=Status.RETRYING)
    answer = signed("DELETE", f"/api/notification-logs/cleanup{query}", body)
    data = answer.json()["data"]
    assert data["deleted_count"] == 1
    assert data["before"].endswith("Z")
    assert NotificationLog.objects.get().status == Status.RETRYING


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", None),
        ("", {}),
        ("?days=-1", None),
        ("?days=0", None),
        ("?days=1e3", None),
        ("?days=1&before=2025-01-07", None),
        ("?days=1", {"before_date": "2025-01-07"}),
        ("", {"days": True}),
        ("", {"days": [1]}),
        ("", {"before": 5}),
        ("", {"before": "soon"}),
    ],
)
def test_cleaning_up_without_a_clear_age_deletes_nothing(
    signed: Signed, query: str, body: dict[str, Any] | None
) -> None:
    make_log(default_client(), status=Status.SENT)
    answer = signed("DELETE", f"/api/notification-logs/cleanup{query}", body)
    assert answer.status_code == 400
    assert NotificationLog.objects.exists()


def test_a_value_alone_asks_for_its_key(signed: Signed) -> None:
    answer = signed("GET", "/api/notification-logs?metadata_value=x").json()
    assert (answer["code"], answer["details"]) == (
        "MISSING_PARAMETER",
        {"parameter": "metadata_key"},
    )


def test_two_ages_at_once_are_called_wrong_not_missing(signed: Signed) -> None:
    path = "/api/notification-logs/cleanup?days=1&before=2025-01-07"
    answer = signed("DELETE", path).json()
    assert answer["code"] == "INVALID_PARAMETER"
    assert answer["error"] == "Both days and before are given."
