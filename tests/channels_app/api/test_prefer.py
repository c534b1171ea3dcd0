"""Prefer: wait=N holds an answer until its sends have settled, or N is over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import RequestFactory

from channels_app.api.prefer import wanted_wait
from channels_app.models import NotificationLog, Status
from channels_app.services.awaiting import place_to_wait
from tests.channels_app.api.signed import BATCH, SECRET, SEND, one, post
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_config
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET


@pytest.fixture
def user() -> str:
    make_config(default_client())
    return "u1"


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def called(pool: ThreadPoolExecutor, *args: Any, **headers: str) -> Future[Any]:
    """Make a call in another thread, which gives its connection back."""

    def call() -> Any:
        try:
            return post(*args, **headers)
        finally:
            connections.close_all()

    return pool.submit(call)


def settle(**fields: Any) -> None:
    """Wait until there is a delivery, and write its outcome as the engine would."""
    wait_until(NotificationLog.objects.exists, "a delivery is stored")
    NotificationLog.objects.update(**fields)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("wait=5", 5),
        ("Wait = 5", 5),
        ('wait="5"', 5),
        ("respond-async, wait=3", 3),
        ("wait=3; foo=bar", 3),
        ("wait=3, wait=7", 3),
        ("wait=600", 10),
        ("wait=0", 0),
        ("wait", 0),
        ("wait=-1", 0),
        ("wait=2.5", 0),
        ("await=5", 0),
        ("wait=" + "9" * 400, 0),
    ],
)
def test_the_preference_is_read_as_its_rfc_writes_it(header: str, seconds: int) -> None:
    request = RequestFactory().post("/", headers={"Prefer": header})
    assert wanted_wait(request) == seconds


@pytest.mark.django_db(transaction=True)
def test_the_answer_carries_the_outcome(
    user: str, elsewhere: ThreadPoolExecutor
) -> None:
    answer = called(elsewhere, SEND, one(user), Prefer="wait=10")
    settle(status=Status.SENT)
    assert answer.result().status_code == 202
    assert answer.result().headers["Preference-Applied"] == "wait=10"
    [result] = answer.result().json()["results"]
    assert result["status"] == "sent"
    assert "error" not in result


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_told_with_its_code(
    user: str, elsewhere: ThreadPoolExecutor
) -> None:
    answer = called(elsewhere, SEND, one(user), Prefer="wait=10")
    settle(status=Status.FAILED, error="No such chat.", error_code="chat_not_found")
    [result] = answer.result().json()["results"]
    assert (result["status"], result["error"], result["code"]) == (
        "failed",
        "No such chat.",
        "chat_not_found",
    )


@pytest.mark.django_db(transaction=True)
def test_a_batch_waits_for_all_of_its_own(
    user: str, elsewhere: ThreadPoolExecutor
) -> None:
    form = {"notifications": [one(user), one(user, priority="urgent"), one(user)]}
    answer = called(elsewhere, BATCH, form, Prefer="wait=10")
    settle(status=Status.SENT)
    first, bad, last = answer.result().json()["results"]
    assert [first["results"][0]["status"], last["results"][0]["status"]] == ["sent"] * 2
    assert bad["code"] == "INVALID_PARAMETER"
    assert answer.result().headers["Preference-Applied"] == "wait=10"


@pytest.mark.django_db
def test_the_answer_comes_when_the_time_is_over(user: str) -> None:
    answer = post(SEND, one(user), Prefer="wait=1")
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.json()["results"][0]["status"] == "pending"


@pytest.mark.django_db
def test_a_repeated_request_hears_what_became_of_the_first(user: str) -> None:
    form = one(user, idempotency_key="k1")
    post(SEND, form)
    NotificationLog.objects.update(status=Status.SENT)
    answer = post(SEND, form, Prefer="wait=5")
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert answer.json()["results"][0]["status"] == "sent"


@pytest.mark.django_db
def test_what_was_deleted_meanwhile_is_not_waited_for(user: str) -> None:
    form = one(user, idempotency_key="k1")
    post(SEND, form)
    NotificationLog.objects.all().delete()
    assert post(SEND, form, Prefer="wait=10").status_code == 202


@pytest.mark.django_db
def test_beyond_its_share_of_threads_nothing_is_held_back(
    user: str, settings: LazySettings
) -> None:
    settings.MAX_HELD_ANSWERS = 1
    with place_to_wait() as may_wait:
        assert may_wait
        answer = post(SEND, one(user), Prefer="wait=10")
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers
    assert "Preference-Applied" in post(SEND, one(user), Prefer="wait=1").headers


@pytest.mark.django_db
def test_what_is_refused_is_not_held_back() -> None:
    answer = post(SEND, one("nobody"), Prefer="wait=10")
    assert answer.status_code == 400
    assert "Preference-Applied" not in answer.headers
