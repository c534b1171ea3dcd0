from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from channels_app.models import Scope, Status
from channels_app.selectors import logs as logs_module
from channels_app.selectors.logs import (
    LogFilter,
    cursor_after,
    id_of_cursor,
    log_by_message_id,
    log_row,
    logs_page,
)
from tests.channels_app.rows import NOON, default_client, make_client, make_log

pytestmark = pytest.mark.django_db
CountQueries = Callable[[int], Any]


def test_pages_follow_one_another_newest_first_without_gap_or_repeat() -> None:
    client = default_client()
    made = [make_log(client).pk for _ in range(7)]
    seen: list[int] = []
    before: int | None = None
    for _ in range(4):
        page = logs_page(client, LogFilter(), limit=2, before_id=before)
        seen += [log.pk for log in page.logs]
        before = id_of_cursor(page.next_cursor) if page.next_cursor else None
    assert seen == made[::-1]
    assert before is None


def test_a_page_costs_two_queries(django_assert_num_queries: CountQueries) -> None:
    client = default_client()
    for _ in range(5):
        make_log(client)
    with django_assert_num_queries(2):
        page = logs_page(client, LogFilter(user_id="u1"), limit=3, offset=1)
        assert [log_row(log)["user_id"] for log in page.logs] == ["u1"] * 3
    assert (page.total, page.is_total_exact) == (5, True)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LogFilter(user_id="u2"), {"b"}),
        (LogFilter(channel_type="telegram"), {"c"}),
        (LogFilter(status=Status.RETRYING), {"b"}),
        (LogFilter(template_key="welcome"), {"c"}),
        (LogFilter(start=NOON), {"b", "c"}),
        (LogFilter(end=NOON), {"a", "b"}),
        (LogFilter(start=NOON, end=NOON), {"b"}),
        (LogFilter(user_id="nobody"), set()),
    ],
)
def test_each_filter_narrows_the_list(wanted: LogFilter, found: set[str]) -> None:
    client = default_client()
    hour = timedelta(hours=1)
    make_log(client, content="a", created_at=NOON - hour)
    make_log(client, content="b", user_id="u2", status=Status.RETRYING)
    make_log(
        client,
        content="c",
        channel_type="telegram",
        template_key="welcome",
        created_at=NOON + hour,
    )
    assert {log.content for log in logs_page(client, wanted).logs} == found


def test_counting_stops_where_it_would_cost_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs_module, "COUNTED_ROWS", 3)
    client = default_client()
    for _ in range(5):
        make_log(client)
    page = logs_page(client, LogFilter())
    assert (page.total, page.is_total_exact, len(page.logs)) == (3, False, 5)


def test_a_client_sees_its_own_deliveries_and_an_admin_all() -> None:
    mine, other = make_client("mine"), make_client("other")
    admin = make_client("admin", [Scope.ADMIN])
    log = make_log(other)
    assert log_by_message_id(mine, log.message_id) is None
    assert log_by_message_id(other, log.message_id) == log
    assert log_by_message_id(admin, log.message_id) == log
    assert logs_page(mine, LogFilter()).logs == []


def test_a_row_has_exactly_the_fields_of_the_contract() -> None:
    log = make_log(default_client(), status=Status.SENT, sent_at=NOON)
    assert log_row(log) == {
        "id": log.pk,
        "message_id": log.message_id,
        "user_id": "u1",
        "channel_type": "lark",
        "template_key": None,
        "template_version": None,
        "subject": None,
        "content": "hello",
        "status": "sent",
        "retry_count": 0,
        "error": None,
        "sent_at": NOON,
        "created_at": NOON,
        "request_id": "r1",
    }


@pytest.mark.parametrize("cursor", ["", "x", "张三", "====", "YmVmb3JlOng", "A" * 500])
def test_a_foreign_cursor_is_not_read(cursor: str) -> None:
    assert id_of_cursor(cursor) is None


def test_a_cursor_leads_back_to_its_place() -> None:
    assert id_of_cursor(cursor_after(42)) == 42
