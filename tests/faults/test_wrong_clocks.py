"""A clock that is two hours off, on a worker or on a producer.

With PostgreSQL the times of leases and due dates are the server's, whatever the others
think. With SQLite the database has no clock but its machine's: there, all are off
together, and what is due is due by that clock.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    answering_after,
    receiver,
)
from tests.faults.account import Account
from tests.faults.clocks import stamp, wrong_clock
from tests.faults.hits import hits_of
from tests.faults.installed import installed, webhook_user
from tests.faults.queries import query
from tests.journeys.calls import SEND, Answer, request, signature
from tests.journeys.service import Installation
from tests.notifications_site.programs import ROOT, running
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

BAD = b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n"
TOO_EARLY = (
    "SELECT count(*) FROM delivery_attempts a JOIN notification_logs l"
    " ON l.id = a.log_id WHERE a.started_at < l.send_at"
)
TAKEN_BACK = "SELECT count(*) FROM notification_logs WHERE crash_count > 0"
ON_POSTGRES = [("worker", 2), ("worker", -2), ("web", 2), ("web", -2)]
ON_SQLITE = [("machine", 2), ("machine", -2)]
IS_SQLITE = os.environ.get("TEST_DATABASE") == "sqlite"


@dataclass(frozen=True)
class Clocks:
    """By how many hours the clocks of web, worker and database are off."""

    web: int
    worker: int
    database: int

    @classmethod
    def of(cls, whose: str, hours: int) -> "Clocks":
        if whose == "machine":
            return cls(hours, hours, hours)
        return cls(hours * (whose == "web"), hours * (whose == "worker"), 0)

    def when(self, seconds: float) -> str:
        """Return a time so far ahead on the database's clock."""
        ahead = timedelta(hours=self.database, seconds=seconds)
        return (datetime.now(UTC) + ahead).isoformat()


@dataclass(frozen=True)
class Caller:
    """Signs with the clock of the web server, or with a right one."""

    port: int
    clocks: Clocks
    secret: str = field(repr=False)

    def post(self, path: str, form: object, *, hours: int) -> Answer:
        body, at = json.dumps(form).encode(), stamp(hours)
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": at,
            "X-Signature": signature(self.secret, at, body),
        }
        return request(self.port, "POST", path, body, headers)

    def expect(self, status: int, _method: str, path: str, form: object = None) -> Any:
        answer = self.post(path, form, hours=self.clocks.web)
        assert answer.status == status, answer.body.decode()
        return answer.json()

    def send(self, user: str, **more: str) -> str:
        time.sleep(0.002)  # two signatures of one millisecond would be a replay
        form = {"user_id": user, "custom_content": {"content": "Hello"}, **more}
        return str(self.expect(202, "POST", SEND, form)["results"][0]["message_id"])


@pytest.mark.parametrize(("whose", "hours"), ON_SQLITE if IS_SQLITE else ON_POSTGRES)
def test_nothing_is_sent_early_or_late_and_no_lease_ends_before_its_time(
    tmp_path: Path, whose: str, hours: int
) -> None:
    clocks, may_answer = Clocks.of(whose, hours), threading.Event()
    installation = installed(tmp_path, RETRY_SCHEDULE="1,1,1,1,1,1,1,1,1")
    environment = {**installation.environment, "SEND_DEADLINE_SECONDS": "15"}
    with ExitStack() as stack:
        there = stack.enter_context(receiver(answering(OK)))
        bad = stack.enter_context(receiver(answering(BAD)))
        late = stack.enter_context(receiver(answering_after(may_answer)))
        caller = stack.enter_context(_service(installation, environment, clocks))
        for user, outside in (("good", there), ("bad", bad), ("late", late)):
            webhook_user(caller, user, outside.url)
        in_flight = caller.send("late")
        late.wait_for_requests(1)
        now, soon = caller.send("good"), caller.send("good", send_at=clocks.when(3))
        much_later = caller.send("good", send_at=clocks.when(3000))
        still_good = caller.send(
            "good", send_at=clocks.when(3000), expires_at=clocks.when(5000)
        )
        too_old = caller.send("bad", expires_at=clocks.when(3))
        expected = {
            now: "sent",
            soon: "sent",
            much_later: "pending",
            still_good: "pending",
            too_old: "expired",
        }
        _wait_for(environment, {**expected, in_flight: "sending"})
        may_answer.set()
        expected[in_flight] = "sent"
        _wait_for(environment, expected)
    assert query(environment, TOO_EARLY) == [(0,)]
    assert query(environment, TAKEN_BACK) == [(0,)]
    hits = hits_of(there) + hits_of(late)
    account = Account.of(environment)
    account.must_balance(set(expected), hits)
    assert account.marked() == set()
    assert set(hits) == {now, soon, in_flight}


@pytest.mark.parametrize("hours", [2, -2])
def test_a_signature_by_another_clock_is_refused_with_the_skew(
    tmp_path: Path, hours: int
) -> None:
    installation = installed(tmp_path)
    clocks = Clocks(web=hours, worker=0, database=0)
    with _web(installation, wrong_clock(hours)):
        secret = installation.environment["API_SECRET_KEY"]
        caller = Caller(installation.port, clocks, secret)
        webhook_user(caller, "good", "http://127.0.0.1:9/hook")
        form = {"user_id": "good", "custom_content": {"content": "Hello"}}
        refused = caller.post(SEND, form, hours=0)
    assert refused.status == 401, refused.body.decode()
    assert refused.json()["code"] == "TIMESTAMP_EXPIRED"
    seen = refused.json()["details"]["skew_ms"]
    assert round(seen / 3_600_000) == -hours
    assert Account.of(installation.environment).rows == {}


@contextmanager
def _service(
    installation: Installation, environment: Mapping[str, str], clocks: Clocks
) -> Iterator[Caller]:
    """Run a web server and a worker, each by a clock of its own."""
    worker = {**environment, **_clock(clocks.worker)}
    output = installation.folder / "worker"
    with (
        _web(installation, _clock(clocks.web)),
        running("worker", environment=worker, output=output),
    ):
        wait_until(lambda: "worker is ready" in output.read_text(), "it is ready", 40)
        yield Caller(installation.port, clocks, environment["API_SECRET_KEY"])


def _clock(hours: int) -> dict[str, str]:
    return wrong_clock(hours) if hours else {}


@contextmanager
def _web(installation: Installation, changed: Mapping[str, str]) -> Iterator[None]:
    """Run the web server alone."""
    address = f"127.0.0.1:{installation.port}"
    program = ["-m", "gunicorn", "notifications_site.wsgi", "--bind", address]
    options = ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    with (installation.folder / "web").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *program, *options],
            env={**installation.environment, **changed},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: _is_live(installation.port), "the web is there", 40)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(45)


def _is_live(port: int) -> bool:
    try:
        return request(port, "GET", "/livez").status == 200
    except OSError:
        return False


def _wait_for(environment: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Wait until these messages, and no others, are in these states."""

    def are_there() -> bool:
        rows = Account.of(environment).rows
        return {one: row.status for one, row in rows.items()} == dict(expected)

    wait_until(are_there, f"the rows are as expected: {expected}", 30)
