"""Requests are counted in the process and added to a row a day, all at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_app.models import ApiClient, ClientDay
from channels_app.selectors.client_figures import days_of, with_week
from channels_app.services import client_figures
from channels_app.services.client_figures import (
    add_figures,
    add_figures_when_due,
    count_request,
)
from tests.channels_app.rows import default_client, make_client

pytestmark = pytest.mark.django_db


def ask(client: ApiClient, requests: int, refusals: int = 0) -> None:
    for number in range(requests):
        count_request(client.pk, is_refused=number < refusals)


def test_counting_costs_no_statement_and_adding_one() -> None:
    client_figures._figures.is_to_forget()
    clients = [make_client(name) for name in "abc"]
    with CaptureQueriesContext(connection) as captured:
        for client in clients:
            ask(client, 5, refusals=2)
        add_figures_when_due()
    assert len(captured) == 0
    with CaptureQueriesContext(connection) as captured:
        add_figures()
    assert len(captured) == 1
    rows = ClientDay.objects.values_list("requests", "refusals")
    assert list(rows) == [(5, 2)] * 3


def test_a_day_has_one_row_that_grows() -> None:
    client = make_client()
    for refusals in (0, 1, 2):
        ask(client, 3, refusals)
        add_figures()
    [day] = days_of(client)
    assert (day.requests, day.refusals) == (9, 3)
    assert day.day == timezone.now().date()


def test_what_is_due_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(default_client(), 1)
    monkeypatch.setattr(client_figures._figures, "due_at", 0.0)
    add_figures_when_due()
    assert ClientDay.objects.get().requests == 1
    with CaptureQueriesContext(connection) as captured:
        add_figures_when_due()
        add_figures()
    assert len(captured) == 0


def test_a_client_that_is_gone_stops_nobody() -> None:
    count_request(999_999, is_refused=False)
    ask(default_client(), 1)
    add_figures()
    assert ClientDay.objects.get().client == default_client()


def test_a_database_that_is_away_gets_the_figures_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ask(default_client(), 2, refusals=1)

    def away(counted: object) -> None:
        raise DatabaseError("away")

    with monkeypatch.context() as patched:
        patched.setattr(client_figures, "_store", away)
        add_figures()
    assert "wait" in caplog.text
    ask(default_client(), 1)
    add_figures()
    row = ClientDay.objects.get()
    assert (row.requests, row.refusals) == (3, 1)


def test_old_days_are_forgotten_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    client = default_client()
    today = timezone.now().date()
    for ago in (1, 89, 91, 400):
        day = today - timedelta(days=ago)
        ClientDay.objects.create(client=client, day=day, requests=1)
    monkeypatch.setattr(client_figures._figures, "forgets_at", 0.0)
    ask(client, 1)
    add_figures()
    kept = ClientDay.objects.order_by("-day").values_list("day", flat=True)
    assert [(today - day).days for day in kept] == [0, 1, 89]
    assert not client_figures._figures.is_to_forget()


def test_a_week_is_seven_days() -> None:
    client = make_client("busy")
    make_client("idle")
    today = timezone.now().date()
    for ago, requests in ((0, 1), (6, 10), (7, 100), (13, 1000), (14, 10_000)):
        day = today - timedelta(days=ago)
        ClientDay.objects.create(client=client, day=day, requests=requests)
    rows: list[Any] = list(with_week(ApiClient.objects.all()))
    found = {row.name: (row.week_requests, row.week_refusals) for row in rows}
    assert (found["busy"], found["idle"]) == ((11, 0), (0, 0))
    assert sum(day.requests for day in days_of(client)) == 1111
