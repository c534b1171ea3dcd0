"""The admin while PostgreSQL is frozen or away: a page with words, in time, no hang."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.faults.installed import installed
from tests.faults.servers import PostgresServer, postgres_server
from tests.journeys.service import Installation
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") != "postgres", reason="PostgreSQL alone"
    ),
]

# The machine that runs the tests may be busy; nobody may hang, though.
PATIENCE = 15
REPORTS = "/admin/diagnostics/healthreport/"


@dataclass(frozen=True)
class Shown:
    """A page as a browser shows it, after all redirects."""

    status: int
    path: str
    text: str


class Person:
    """Somebody who is logged in to the admin of an installation."""

    def __init__(self, installation: Installation) -> None:
        self._base = f"http://127.0.0.1:{installation.port}"
        self._cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies))
        said = re.search(r"password\s+(\S+)", installation.manage("first_admin"))
        assert said
        self.get("/admin/login/")
        form = {"username": "admin", "password": said[1], "next": REPORTS}
        assert self.post("/admin/login/", form).path == REPORTS

    def get(self, path: str) -> Shown:
        return self._shown(path, None)

    def post(self, path: str, form: dict[str, str]) -> Shown:
        tokens = [one.value for one in self._cookies if one.name == "csrftoken"]
        form = {**form, "csrfmiddlewaretoken": str(tokens[0])}
        return self._shown(path, urlencode(form).encode())

    def _shown(self, path: str, body: bytes | None) -> Shown:
        try:
            answer = self._opener.open(f"{self._base}{path}", body, PATIENCE)
        except HTTPError as refused:
            answer = refused
        with answer:
            where = answer.url.removeprefix(self._base)
            return Shown(answer.status, where, answer.read().decode())


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as made:
        yield made


def test_the_report_pages_say_that_the_database_is_frozen_or_away(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url)
    with installation.started():
        person = Person(installation)
        assert "Make a report now" in person.get(REPORTS).text
        with server.frozen():
            _must_be_told(person)
        wait_until(lambda: person.get(REPORTS).status == 200, "it is back", 30)
        server.crash()
        _must_be_told(person)
        server.start()
        wait_until(lambda: person.get(REPORTS).status == 200, "it is back", 30)
        wait_until(lambda: _is_made(person), "a report is made", 60)


def test_a_report_that_is_made_when_postgresql_freezes_ends_and_another_may_be_made(
    tmp_path: Path, server: PostgresServer
) -> None:
    installation = installed(tmp_path, server.url)
    with installation.started():
        person = Person(installation)
        begun = person.post(f"{REPORTS}make/", {})
        assert begun.status == 200
        with server.frozen():
            _must_be_told(person)
        wait_until(lambda: person.get(REPORTS).status == 200, "it is back", 30)
        wait_until(lambda: _is_made(person), "another report is made", 60)


def _must_be_told(person: Person) -> None:
    for answer in (
        person.get(REPORTS),
        person.post(f"{REPORTS}make/", {}),
        person.get("/admin/"),
    ):
        assert answer.status == 503
        assert "The database cannot be reached" in answer.text
        assert "manage.py diagnose" in answer.text


def _is_made(person: Person) -> bool:
    """Ask for a report and follow it; tell whether there is one that is finished.

    Another web process may still have to see that the database is back.
    """
    page = person.post(f"{REPORTS}make/", {})
    if page.status == 503 or "/change/" not in page.path:
        return False
    assert page.status == 200, page.text
    wait_until(
        lambda: "checks have ended" not in person.get(page.path).text,
        "it is finished",
        60,
    )
    return "nt-report-sentence" in person.get(page.path).text
