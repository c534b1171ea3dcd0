"""Deliveries are moved in the admin by those who may, and only on confirmation."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from channels_app.models import NotificationLog, Status
from tests.channels_app.admin.delivery_pages import LIST, move, page_of
from tests.channels_app.rows import default_client, make_config, make_log
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


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


def test_the_history_of_a_delivery_says_how_often_it_was_moved(boss: Client) -> None:
    log = make_log(default_client())
    boss.post(LIST, move("cancel", log, confirmed="yes"))

    history = boss.get(f"{LIST}{log.pk}/history/")

    assert history.context["action_list"].paginator.count == 1
    assert f"{LIST}{log.pk}/history/" in boss.get(page_of(log)).content.decode()
