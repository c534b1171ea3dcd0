"""What many tests share: a caller that signs its requests as the contract says."""

import hashlib
import hmac
import json as jsonlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from channels_app.delivery.routes import MEMORY as ROUTES_MEMORY
from channels_app.selectors.clients import forget_signers
from channels_app.selectors.switches import MEMORY as SWITCH_MEMORY
from channels_app.services import sending
from channels_app.services.clients import forget_uses
from channels_app.services.limits import forget_limits
from templates_app.selectors import clear_compiled_templates
from tests.documented import Seen, check
from tests.transitions import refuse_other_transitions

PRODUCT_URLS = "notifications_site.urls"
_last_timestamp = 0


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    """Let each test find its process as a fresh one: caches of a second included."""
    # A request leaves its language with the thread; the next one chooses anew, a test not.
    translation.deactivate()
    SWITCH_MEMORY.forget()
    forget_signers()
    ROUTES_MEMORY.forget()
    clear_compiled_templates()
    forget_limits()
    forget_uses()
    sending.DEPTH.forget()


@pytest.fixture(autouse=True)
def _every_answer_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold whatever the API answers to any test against its OpenAPI document."""
    send = Client.request

    def request(client: Client, **environ: Any) -> Any:
        answer = send(client, **environ)
        if settings.ROOT_URLCONF == PRODUCT_URLS:
            check(
                Seen(
                    answer.wsgi_request.method or "",
                    answer.wsgi_request.path,
                    answer.status_code,
                    dict(answer.headers),
                    b"" if answer.streaming else answer.content,
                )
            )
        return answer

    monkeypatch.setattr(Client, "request", request)


@dataclass(frozen=True)
class Answer:
    """What the API answered, with the names that Django's test client has."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return jsonlib.loads(self.content)


class Signed(Protocol):
    """Sends one signed request to the API and returns its answer."""

    def __call__(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        body: bytes | None = None,
        secret: str | None = None,
        key_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer: ...


def next_timestamp() -> int:
    """Return the time in milliseconds, never the same twice: replays are refused."""
    global _last_timestamp  # noqa: PLW0603 - one clock for the whole process
    _last_timestamp = max(_last_timestamp + 1, time.time_ns() // 1_000_000)
    return _last_timestamp


def signature_headers(
    method: str, path: str, body: bytes, secret: str
) -> dict[str, str]:
    """Return the headers of the wire contract, made without any code of ours."""
    stamp = str(next_timestamp())
    covered = body if method.upper() in {"POST", "PUT", "PATCH"} else path.encode()
    digest = hmac.new(secret.encode(), stamp.encode() + covered, hashlib.sha256)
    return {"X-Timestamp": stamp, "X-Signature": digest.hexdigest()}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let the test database refuse transitions that the table does not allow."""
    with django_db_blocker.unblock():
        refuse_other_transitions()


@pytest.fixture
def signed(client: Client) -> Signed:
    """Return a caller of the API that signs as the default client does."""

    def send(
        method: str,
        path: str,
        json: object = None,
        *,
        body: bytes | None = None,
        secret: str | None = None,
        key_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if body is None:
            body = b"" if json is None else jsonlib.dumps(json).encode()
        key = secret or os.environ["API_SECRET_KEY"]
        sent = signature_headers(method, path, body, key)
        sent |= {"X-Key-Id": key_id} if key_id else {}
        sent |= dict(headers or {})
        answer = client.generic(
            method, path, body, content_type="application/json", headers=sent
        )
        return Answer(answer.status_code, answer.headers, answer.content)

    return send
