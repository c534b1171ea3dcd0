"""People who meet a failure read a page with words; programs get their envelope."""

from contextlib import AbstractContextManager

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.people import logged_in, make_superuser

LIST = "/admin/diagnostics/healthreport/"
CANARY = "canary-of-the-error"

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def boss() -> Client:
    person = logged_in(make_superuser())
    person.raise_request_exception = False
    return person


def failing_with(error: Exception) -> AbstractContextManager[None]:
    def fail(*_args: object) -> None:
        raise error

    return connection.execute_wrapper(fail)


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize(
    ("method", "path"), [("get", LIST), ("post", f"{LIST}make/"), ("get", "/admin/")]
)
def test_a_page_without_its_database_says_so_and_comes_again(
    boss: Client, kind: type[Exception], method: str, path: str
) -> None:
    with failing_with(kind(CANARY)):
        answer = getattr(boss, method)(path)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "The database cannot be reached" in page
    assert "manage.py diagnose" in page
    assert answer["X-Request-Id"] in page
    assert answer["Retry-After"] == "5"
    assert answer.get("Refresh") == ("5" if method == "get" else None)
    assert ("by itself" in page) == (method == "get")
    assert CANARY not in page


def test_a_failure_nobody_foresaw_has_words_and_the_id_to_ask_by(boss: Client) -> None:
    with failing_with(RuntimeError(CANARY)):
        answer = boss.get(LIST)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong on our side" in page
    assert answer["X-Request-Id"] in page
    assert "Refresh" not in answer
    assert CANARY not in page


def test_the_page_speaks_the_language_of_its_reader(boss: Client) -> None:
    chinese = {"accept-language": "zh-hans"}
    with failing_with(OperationalError()):
        page = boss.get(LIST, headers=chinese).content.decode()
    assert '<html lang="zh-hans">' in page
    assert "数据库" in page


def test_programs_get_no_page(boss: Client) -> None:
    with failing_with(OperationalError()):
        answer = boss.get("/api/queue/status")
    assert answer.json()["code"] == "DATABASE_UNAVAILABLE"
