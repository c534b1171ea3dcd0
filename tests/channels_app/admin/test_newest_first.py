"""Long lists in the admin: pages that begin beside a row, however deep they are."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_app.admin import newest_first
from channels_app.admin.deliveries import NotificationLogAdmin
from channels_app.models import NotificationLog, Status, TaskExecutionRecord
from channels_app.selectors import newest_first as pages
from tests.channels_app.admin.delivery_pages import LIST
from tests.channels_app.rows import NOON, default_client, make_log

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

RUNS = "/admin/channels_app/taskexecutionrecord/"
SIZE = 5
# Bounded by itself; so few rows are counted faster without an index.
COUNT = re.compile(r"\(SELECT COUNT.*? LIMIT 10001\) AS counted\)")
FILTERS: list[dict[str, str]] = [
    {},
    *({"status__exact": status.value} for status in Status),
    {"channel_type": "lark"},
    {"q": "u7"},
    {"q": "r7"},
    {"q": "0192f0"},
    {"q": "u7", "status__exact": "failed", "channel_type": "lark"},
]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotificationLogAdmin, "list_per_page", SIZE)


def make_logs(count: int, **fields: Any) -> list[int]:
    """Make deliveries and return their ids, newest first."""
    return [make_log(default_client(), **fields).pk for _number in range(count)][::-1]


def listed(boss: Client, address: str = "") -> list[int]:
    return [row.pk for row in boss.get(f"{LIST}{address}").context["cl"].result_list]


def link(boss: Client, address: str, word: str) -> str | None:
    """Return where a link of the page leads, or None where it is only a word."""
    page = boss.get(f"{LIST}{address}").content.decode()
    found = re.search(rf'<a href="([^"]*)"[^>]*>{word}</a>', page)
    assert found or f'<span aria-disabled="true">{word}</span>' in page
    return found[1].replace("&amp;", "&") if found else None


def walk(boss: Client, address: str, word: str) -> Iterator[list[int]]:
    """Yield the ids of each page from the address to the end."""
    place: str | None = address
    while place is not None:
        yield listed(boss, place)
        place = link(boss, place, word)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [0, 1, 5, 6, 10, 12])
def test_older_leads_through_every_row_once_and_newer_back(
    boss: Client, count: int
) -> None:
    ids = make_logs(count)
    down = list(walk(boss, "", "Older"))
    assert [pk for page in down for pk in page] == ids
    assert all(len(page) == SIZE for page in down[:-1])

    last = f"?before={down[-2][-1]}" if len(down) > 1 else ""
    assert list(walk(boss, last, "Newer")) == down[::-1]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "wanted", [{"status__exact": "failed"}, {"channel_type": "email"}, {"q": "bob"}]
)
def test_the_links_keep_filter_and_search(boss: Client, wanted: dict[str, str]) -> None:
    fields = {"status": Status.FAILED, "channel_type": "email", "user_id": "bob"}
    kept: list[int] = []
    for _number in range(12):
        make_logs(1)
        kept[:0] = make_logs(1, **fields)
    address = "?" + "&".join(f"{name}={value}" for name, value in wanted.items())

    down = list(walk(boss, address, "Older"))

    assert [pk for page in down for pk in page] == kept
    back = list(walk(boss, f"{address}&before={down[1][-1]}", "Newer"))
    assert back == down[::-1]


@pytest.mark.usefixtures("small_pages")
def test_a_page_stays_what_it_was_while_rows_come_in(boss: Client) -> None:
    ids = make_logs(10)
    second = link(boss, "", "Older")
    assert second is not None
    new = make_logs(3)

    assert listed(boss, second) == ids[SIZE:]
    newer = link(boss, second, "Newer")
    assert newer is not None
    assert listed(boss, newer) == ids[:SIZE]
    top = link(boss, newer, "Newer")
    assert top is not None
    assert listed(boss, top) == [*new, *ids[:2]]
    assert link(boss, top, "Newer") is None


@pytest.mark.usefixtures("small_pages")
def test_beyond_the_oldest_row_the_way_back_stays(boss: Client) -> None:
    ids = make_logs(7)
    end = f"?before={ids[-1]}"

    assert listed(boss, end) == []
    assert link(boss, end, "Older") is None
    newer = link(boss, end, "Newer")
    assert newer is not None
    assert listed(boss, newer) == ids[-SIZE:]


@pytest.mark.usefixtures("small_pages")
def test_above_the_newest_row_there_is_nothing_newer(boss: Client) -> None:
    ids = make_logs(7)

    assert listed(boss, f"?before={ids[0] + 1}") == ids[:SIZE]
    assert link(boss, f"?before={ids[0] + 1}", "Newer") is None
    assert listed(boss, f"?after={ids[0]}") == ids[:SIZE]
    assert link(boss, f"?after={ids[0]}", "Newer") is None


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "address",
    [
        "?p=3",
        "?p=x",
        "?o=3.-1",
        "?all=",
        "?before=",
        "?before=-1",
        "?before=abc",
        "?after=1e3",
        f"?before={10**30}",
    ],
)
def test_what_names_no_row_shows_the_first_page(boss: Client, address: str) -> None:
    ids = make_logs(7)

    assert listed(boss, address) == ids[:SIZE]


@pytest.mark.usefixtures("small_pages")
def test_a_filter_begins_at_its_own_first_page(boss: Client) -> None:
    ids = make_logs(12)
    page = boss.get(f"{LIST}?before={ids[4]}").content.decode()

    assert "status__exact=failed" in page
    assert not re.search(r"before=\d+&(amp;)?status|status[^\"]*before=", page)
    assert 'name="before"' not in page
    assert link(boss, f"?before={ids[4]}", "Newer") == f"?after={ids[5]}"
    assert '<a href="?">Newest</a>' in page


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 deliveries"),
        (1, "1 delivery"),
        (4, "4 deliveries"),
        (5, "4+ deliveries"),
        (9, "4+ deliveries"),
    ],
)
def test_the_total_is_exact_up_to_a_bound(
    boss: Client, monkeypatch: pytest.MonkeyPatch, count: int, said: str
) -> None:
    monkeypatch.setattr(pages, "COUNTED_ROWS", 4)
    monkeypatch.setattr(newest_first, "COUNTED_ROWS", 4)
    make_logs(count)

    assert f"<span>{said}</span>" in boss.get(LIST).content.decode()


def test_large_totals_are_grouped() -> None:
    assert newest_first.said_of(10_000) == "10,000"
    assert newest_first.said_of(10_001) == "10,000+"


@pytest.mark.usefixtures("small_pages")
def test_every_page_reads_the_list_once(boss: Client) -> None:
    ids = make_logs(20)
    for address in ("", f"?before={ids[9]}", f"?after={ids[14]}"):
        with CaptureQueriesContext(connection) as queries:
            boss.get(f"{LIST}{address}")
        reads = [q["sql"] for q in queries if '"notification_logs"' in q["sql"]]
        assert len(reads) == 1
        assert len(queries) <= 5
        assert "LIMIT 10001)" in reads[0]
        assert "OFFSET" not in reads[0]


def test_the_links_are_a_landmark_and_name_their_direction(boss: Client) -> None:
    ids = make_logs(120)
    page = boss.get(f"{LIST}?before={ids[49]}").content.decode()

    assert '<nav class="nt-pages" aria-label="Pages">' in page
    assert f'<a href="?after={ids[50]}" rel="prev">Newer</a>' in page
    assert f'<a href="?before={ids[99]}" rel="next">Older</a>' in page


def test_no_column_offers_to_sort(boss: Client) -> None:
    make_logs(2)
    TaskExecutionRecord.objects.create(task="retention", slot=NOON)

    for address in (LIST, RUNS):
        assert not re.search(r'href="\?o=', boss.get(address).content.decode())


def test_runs_of_tasks_have_the_same_pages(boss: Client) -> None:
    for minute in range(60):
        slot = NOON.replace(minute=minute)
        TaskExecutionRecord.objects.create(task="retention", slot=slot)
    page = boss.get(RUNS)
    last = page.context["cl"].result_list[-1].pk

    assert f'<a href="?before={last}" rel="next">Older</a>' in page.content.decode()
    older = boss.get(f"{RUNS}?task=retention&before={last}").context["cl"]
    assert len(older.result_list) == 10


def test_a_move_on_a_deep_page_is_of_the_chosen_rows(boss: Client) -> None:
    ids = make_logs(60)
    chosen = {"action": "cancel", "_selected_action": [ids[55]], "index": "0"}

    page = boss.post(f"{LIST}?before={ids[49]}", chosen).content.decode()

    assert str(NotificationLog.objects.get(pk=ids[55]).message_id) in page


def _row(number: int, client: int) -> NotificationLog:
    states = list(Status)
    status = states[number // 50 % 8] if number % 50 == 0 else Status.SENT
    return NotificationLog(
        message_id=f"0192f{number % 10}{number:05}",
        request_id=f"r{number % 300}",
        client_id=client,
        user_id=f"u{number % 300}",
        channel_type=("lark", "email")[number % 2],
        created_at=NOON,
        next_attempt_at=NOON,
        lease_until=NOON,
        status=status,
    )


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
@pytest.mark.parametrize("word", ["before", "after"])
def test_a_deep_page_is_found_by_an_index(
    boss: Client, wanted: dict[str, str], word: str
) -> None:
    client = default_client().pk
    NotificationLog.objects.bulk_create(_row(number, client) for number in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notification_logs")
    middle = NotificationLog.objects.order_by("id")[1500].pk
    with CaptureQueriesContext(connection) as queries:
        boss.get(LIST, {**wanted, word: str(middle)})
    read = next(q["sql"] for q in queries if '"notification_logs"' in q["sql"])
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"

    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {COUNT.sub('0', read)}")
        plan = [str(row[-1]) for row in cursor.fetchall()]

    whole = r"Seq Scan on notification_logs|^SCAN notification_logs(?! USING)"
    assert not [line for line in plan if re.search(whole, line)], plan
