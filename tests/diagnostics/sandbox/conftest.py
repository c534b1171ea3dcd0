import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from diagnostics.sandbox.server import RunningSandbox, start_in_thread


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Caller:
    """Talks to a sandbox over one connection that is kept alive."""

    connection: http.client.HTTPConnection

    def call(
        self,
        method: str,
        path: str,
        content: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        is_raw = content is None or isinstance(content, bytes | str)
        body = content if is_raw else json.dumps(content)
        assert body is None or isinstance(body, bytes | str)
        given = {"Content-Type": "application/json", **(headers or {})}
        self.connection.request(method, path, body, given)
        answer = self.connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    running = start_in_thread(limits=False)
    yield running
    running.stop()


@pytest.fixture
def caller(sandbox: RunningSandbox) -> Iterator[Caller]:
    address = sandbox.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    yield Caller(connection)
    connection.close()
