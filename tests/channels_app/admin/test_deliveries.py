"""Deliveries in the admin: read-only, told in full, moved only on confirmation."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from channels_app.models import NotificationLog, Outcome, Status
from tests.channels_app.rows import (
    default_client,
    make_attempt,
    make_config,
    make_log,
)
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/channels_app/notificationlog/"


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


def page_of(log: NotificationLog) -> str:
    return reverse("admin:channels_app_notificationlog_change", args=[log.pk])


def move(name: str, *logs: NotificationLog, **more: str) -> dict[str, Any]:
    chosen = [str(log.pk) for log in logs]
    return {"action": name, "_selected_action": chosen, "index": "0", **more}


def test_the_list_costs_the_same_for_one_as_for_fifty(boss: Client) -> None:
    make_log(default_client())
    with CaptureQueriesContext(
        connection,
    ) as few:
        boss.get(LIST)
    for _number in range(49):
        make_log(default_client())
    with CaptureQueriesContext(connection) as many:
        boss.get(LIST)

    assert len(many) == len(few) <= 5


def test_the_list_counts_no_rows(boss: Client) -> None:
    make_log(default_client())

    with CaptureQueriesContext(connection) as queries:
        boss.get(LIST)

    assert not [query for query in queries if "COUNT(" in query["sql"].upper()]


def test_the_list_reads_no_contents(boss: Client) -> None:
    make_log(default_client(), content="x" * 1000)

    with CaptureQueriesContext(connection) as queries:
        boss.get(LIST)

    reads = [query["sql"] for query in queries if '"notification_logs"' in query["sql"]]
    assert reads
    assert not [sql for sql in reads if '."content"' in sql]


@pytest.mark.parametrize("status", Status)
def test_every_state_has_its_word_and_its_colour(boss: Client, status: Status) -> None:
    make_log(default_client(), status=status)

    page = boss.get(LIST).content.decode()

    assert f'<span class="nt-badge nt-status-{status}">{status.label}</span>' in page


@pytest.mark.parametrize("status", Status)
def test_every_state_has_its_page(boss: Client, status: Status) -> None:
    log = make_log(default_client(), status=status)

    response = boss.get(page_of(log))

    assert response.status_code == 200
    assert response.context["page"].sentence


@pytest.mark.parametrize(
    ("term", "count"),
    [
        ("0192f001-aaaa-7000-8000-000000000001", 1),
        ("0192f0", 2),
        ("alice", 1),
        ("ali", 0),
        ("req-1", 2),
        ("hello", 0),
        ("  alice  ", 1),
    ],
)
def test_a_search_finds_whole_ids_and_beginnings_of_message_ids(
    boss: Client, term: str, count: int
) -> None:
    for number, user_id in enumerate(["alice", "bob"], start=1):
        message_id = f"0192f00{number}-aaaa-7000-8000-00000000000{number}"
        make_log(
            default_client(),
            message_id=message_id,
            request_id="req-1",
            user_id=user_id,
        )

    assert len(boss.get(LIST, {"q": term}).context["cl"].result_list) == count


def test_the_page_tells_what_was_sent_and_why_it_failed(boss: Client) -> None:
    log = make_log(
        default_client(),
        config=make_config(default_client()),
        status=Status.FAILED,
        error_code="19021",
        subject="A <subject>",
        content="Hello <script>alert(1)</script>",
        variables={"name": "Zoë"},
    )
    make_attempt(
        log,
        1,
        outcome=Outcome.REJECTED,
        http_status=200,
        error_code="19021",
        response_excerpt='{"code": 19021, "msg": "<b>sign</b>"}',
    )

    page = boss.get(page_of(log)).content.decode()

    assert "A &lt;subject&gt;" in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;sign&lt;/b&gt;" in page
    assert "Zoë" in page
    for words in ("What to do", "Who must act", "Evidence", "Needs action"):
        assert words in page


def test_json_content_is_laid_out(boss: Client) -> None:
    log = make_log(default_client(), content='{"a":{"b":1}}', content_type="json")

    assert boss.get(page_of(log)).context["page"].content == (
        '{\n  "a": {\n    "b": 1\n  }\n}'
    )


def test_a_page_costs_a_fixed_number_of_queries(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    log = make_log(
        default_client(), config=make_config(default_client()), status=Status.FAILED
    )
    for number in range(1, 6):
        make_attempt(log, number)

    with django_assert_max_num_queries(8):
        boss.get(page_of(log))


def test_a_move_asks_first_and_changes_nothing(boss: Client) -> None:
    log = make_log(default_client(), status=Status.FAILED)

    response = boss.post(LIST, move("resend", log))

    assert response.status_code == 200
    assert "Send these again?" in response.content.decode()
    log.refresh_from_db()
    assert log.status == Status.FAILED


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("resend", Status.FAILED, Status.PENDING),
        ("resend", Status.UNKNOWN, Status.PENDING),
        ("cancel", Status.PENDING, Status.CANCELLED),
        ("cancel", Status.RETRYING, Status.CANCELLED),
        ("arrived", Status.UNKNOWN, Status.SENT),
        ("lost", Status.UNKNOWN, Status.FAILED),
    ],
)
def test_a_confirmed_move_is_made_and_said_and_kept(
    boss: Client, name: str, before: Status, after: Status
) -> None:
    log = make_log(default_client(), status=before)

    response = boss.post(LIST, move(name, log, confirmed="yes"), follow=True)

    log.refresh_from_db()
    assert log.status == after
    assert response.redirect_chain[-1][0] == page_of(log)
    assert "1 delivery is" in response.content.decode()
    assert LogEntry.objects.filter(object_id=str(log.pk)).count() == 1


def test_several_are_moved_at_once_and_the_impossible_ones_named(boss: Client) -> None:
    waiting = [make_log(default_client()) for _number in range(3)]
    sent = make_log(default_client(), status=Status.SENT)

    answer = boss.post(
        LIST, move("cancel", *waiting, sent, confirmed="yes"), follow=True
    )

    states = NotificationLog.objects.filter(pk__in=[log.pk for log in waiting])
    assert {log.status for log in states} == {Status.CANCELLED}
    sent.refresh_from_db()
    assert sent.status == Status.SENT
    page = answer.content.decode()
    assert "3 deliveries are cancelled." in page
    assert "This delivery is “sent”." in page


def test_resending_a_sent_one_leads_to_the_new_delivery(boss: Client) -> None:
    log = make_log(
        default_client(), config=make_config(default_client()), status=Status.SENT
    )

    answer = boss.post(LIST, move("resend", log, confirmed="yes"))

    copy = NotificationLog.objects.exclude(pk=log.pk).get()
    assert answer["Location"] == page_of(copy)


def test_too_many_at_once_are_refused(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_app.admin.delivery_moves.MOST_AT_ONCE", 2)
    logs = [make_log(default_client()) for _number in range(3)]

    answer = boss.post(LIST, move("cancel", *logs, confirmed="yes"), follow=True)

    assert "at most 2 deliveries" in answer.content.decode()
    assert not NotificationLog.objects.filter(status=Status.CANCELLED).exists()


def test_nothing_moves_by_a_get(boss: Client) -> None:
    log = make_log(default_client())

    boss.get(LIST, move("cancel", log, confirmed="yes"))

    log.refresh_from_db()
    assert log.status == Status.PENDING


def test_a_viewer_moves_nothing_and_is_offered_nothing() -> None:
    log = make_log(default_client())
    client = logged_in(make_person("viewer"))

    shown = client.get(page_of(log))
    client.post(LIST, move("cancel", log, confirmed="yes"))

    log.refresh_from_db()
    assert log.status == Status.PENDING
    assert shown.context["offers"] == []


def test_an_operator_is_offered_what_the_state_allows() -> None:
    client = logged_in(make_person("operator"))
    waiting = make_log(default_client())
    failed = make_log(default_client(), status=Status.FAILED)

    def offers(log: NotificationLog) -> list[str]:
        return [offer.name for offer in client.get(page_of(log)).context["offers"]]

    assert offers(waiting) == ["cancel"]
    assert offers(failed) == ["resend"]


@pytest.mark.parametrize("page", ["add", "delete"])
def test_deliveries_are_neither_made_nor_deleted_here(boss: Client, page: str) -> None:
    log = make_log(default_client())
    address = f"{LIST}add/" if page == "add" else f"{LIST}{log.pk}/delete/"

    assert boss.post(address, {"post": "yes"}).status_code == 403
    assert NotificationLog.objects.count() == 1


def test_a_delivery_that_is_not_there_leads_to_the_first_page(boss: Client) -> None:
    assert boss.get(f"{LIST}999999/change/").status_code == 302


def test_the_history_of_a_delivery_says_how_often_it_was_moved(boss: Client) -> None:
    log = make_log(default_client())
    boss.post(LIST, move("cancel", log, confirmed="yes"))

    history = boss.get(f"{LIST}{log.pk}/history/")

    assert history.context["action_list"].paginator.count == 1
    assert f"{LIST}{log.pk}/history/" in boss.get(page_of(log)).content.decode()


def test_filters_offer_no_counts(boss: Client) -> None:
    assert "_facets" not in boss.get(LIST).content.decode()
