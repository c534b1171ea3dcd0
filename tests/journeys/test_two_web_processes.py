"""Two web servers on one database: limits, nonces and figures are theirs together."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels_app.api.signing_v2 import headers_v2
from tests.journeys.calls import SEND, Answer, Api, request
from tests.journeys.conftest import new_database
from tests.journeys.service import Installation
from tests.notifications_site.programs import ROOT, free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.journey

LOGS = "/api/notification-logs?limit=1"
CONFIGS = "/api/user-configs?user_id=nobody"
LOGS_PER_MINUTE, BAD_SIGNATURES = 20, 5
BODY = json.dumps({"user_id": "nobody", "custom_content": {"content": "x"}}).encode()
SHOW_DAYS = """
from channels_app.models import ClientDay
print(list(ClientDay.objects.values_list("client__key_id", "requests", "refusals")))
"""


@dataclass(frozen=True)
class Pair:
    """Two web servers, each a process of its own."""

    installation: Installation
    ports: tuple[int, int]

    @property
    def secret(self) -> str:
        return self.installation.environment["API_SECRET_KEY"]

    def calls(self, count: int, *, secret: str = "", path: str = LOGS) -> list[Answer]:
        """Ask both in turn, eight requests at a time."""
        apis = [Api(port, secret or self.secret) for port in self.ports]
        with ThreadPoolExecutor(8) as pool:
            asked = [
                pool.submit(apis[number % 2].call, "GET", path)
                for number in range(count)
            ]
            return [answer.result() for answer in asked]


@contextmanager
def web_server(installation: Installation, port: int) -> Iterator[None]:
    program = [sys.executable, "-m", "gunicorn", "notifications_site.wsgi"]
    options = ["--bind", f"127.0.0.1:{port}", "--threads", "8", "--no-control-socket"]
    with (installation.folder / f"web-{port}").open("wb") as output:
        process = subprocess.Popen(
            [*program, *options],
            env=installation.environment,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: is_alive(port), "the web server answers", 30)
            yield
        finally:
            process.terminate()
            assert process.wait(20) == 0


def is_alive(port: int) -> bool:
    try:
        return request(port, "GET", "/livez").status == 200
    except OSError:
        return False


@contextmanager
def two_servers(folder: Path) -> Iterator[Pair]:
    installation = Installation.prepare(folder, new_database(folder))
    installation.environment.update(
        LIMIT_LOGS_PER_MINUTE=str(LOGS_PER_MINUTE),
        LIMIT_BAD_SIGNATURES=str(BAD_SIGNATURES),
    )
    ports = free_port(), free_port()
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(web_server(installation, port))
        yield Pair(installation, ports)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with two_servers(tmp_path_factory.mktemp("pair")) as pair:
        yield pair


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_a_limit_holds_over_both(pair: Pair) -> None:
    began = time.monotonic()
    answers = pair.calls(60)
    earned_back = (time.monotonic() - began) * LOGS_PER_MINUTE / 60
    found = statuses(answers)
    assert set(found) == {200, 429}
    assert LOGS_PER_MINUTE <= found[200] <= LOGS_PER_MINUTE + earned_back + 1
    for answer in answers:
        policy = answer.headers["RateLimit-Policy"]
        assert policy == f'"logs";q={LOGS_PER_MINUTE};w=60'
        assert ("Retry-After" in answer.headers) is (answer.status == 429)


def test_wrong_signatures_are_counted_over_both_and_lock_nobody_out(
    pair: Pair,
) -> None:
    found = statuses(pair.calls(16, secret="nobody-has-this-secret"))
    assert found == {401: BAD_SIGNATURES, 429: 16 - BAD_SIGNATURES}
    # Good ones are counted on a limit of their own, and not on that of the logs.
    assert statuses(pair.calls(4, path=CONFIGS)) == {200: 4}
    for port in pair.ports:
        answer = Api(port, pair.secret).call("POST", SEND, body=BODY)
        assert answer.json()["code"] == "USER_NO_CHANNELS"


def test_a_nonce_is_good_once_over_both(pair: Pair) -> None:
    signed = headers_v2("POST", SEND, BODY, secret=pair.secret)
    headers = {**signed, "Content-Type": "application/json"}
    codes = [
        request(port, "POST", SEND, BODY, headers).json()["code"] for port in pair.ports
    ]
    assert codes == ["USER_NO_CHANNELS", "REPLAYED_REQUEST"]


def test_what_both_counted_comes_together_when_they_end(tmp_path: Path) -> None:
    with two_servers(tmp_path) as pair:
        found = statuses(pair.calls(30))
        refused = 30 - found[200]
    said = pair.installation.manage("shell", "--verbosity", "0", "-c", SHOW_DAYS)
    assert said.strip().endswith(f"[('default', 30, {refused})]")
