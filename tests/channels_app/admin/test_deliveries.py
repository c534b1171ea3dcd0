"""Deliveries in the admin: read-only, found and told in full."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from channels_app.models import NotificationLog, Outcome, Status
from tests.channels_app.admin.delivery_pages import LIST, page_of
from tests.channels_app.rows import default_client, make_attempt, make_config, make_log

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


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


def test_the_list_reads_no_contents(boss: Client) -> None:
    make_log(default_client(), content="x" * 1000)

    with CaptureQueriesContext(connection) as queries:
        boss.get(LIST)

    reads = [query["sql"] for query in queries if '"notification_logs"' in query["sql"]]
    assert reads
    assert not [sql for sql in reads if '."content"' in sql]


@pytest.mark.parametrize(
    ("key", "version", "shown"),
    [("order", 3, ">order · v3<"), ("order", None, ">order<"), ("", None, ">-<")],
)
def test_a_row_names_the_version_it_was_rendered_from(
    boss: Client, key: str, version: int | None, shown: str
) -> None:
    make_log(default_client(), template_key=key, template_version=version)

    page = re.sub(r"\s*([<>])\s*", r"\1", boss.get(LIST).content.decode())

    assert shown in page


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


@pytest.mark.parametrize("page", ["add", "delete"])
def test_deliveries_are_neither_made_nor_deleted_here(boss: Client, page: str) -> None:
    log = make_log(default_client())
    address = f"{LIST}add/" if page == "add" else f"{LIST}{log.pk}/delete/"

    assert boss.post(address, {"post": "yes"}).status_code == 403
    assert NotificationLog.objects.count() == 1


def test_a_delivery_that_is_not_there_leads_to_the_first_page(boss: Client) -> None:
    assert boss.get(f"{LIST}999999/change/").status_code == 302


def test_filters_offer_no_counts(boss: Client) -> None:
    assert "_facets" not in boss.get(LIST).content.decode()
