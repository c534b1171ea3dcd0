"""Calls the API as its document says one may: no 5xx, and no undocumented answer.

Requests are made by schemathesis from the document, then signed. SCHEMA_EXAMPLES says how many for each operation.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, settings
from requests import Request

from channels_app.models import Status
from templates_app.services import save_template
from tests.channels_app.rows import (
    default_client,
    make_client,
    make_config,
    make_log,
    secret_of,
)
from tests.conftest import signature_headers
from tests.documented import document

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "6"))
# Every boundary of every field: some thousand requests more.
HAS_TIME = EXAMPLES > 50
MESSAGE_ID = "019c138c-6c40-7d8a-9f3e-2b1a0c9d8e7f"
KNOWN = {
    "user_id": "u1",
    "channel": "lark",
    "channel_type": "lark",
    "key": "welcome",
    "message_id": MESSAGE_ID,
}
# They answer 503 where no worker runs, as here; tests of their own look at that.
OF_PROCESSES = ["get_health", "get_health_alias", "get_readiness"]
ADMIN_KEY = "0123456789abcdef"


@schemathesis.hook("map_path_parameters")
def _name_what_is_there(context: Any, path_parameters: Any) -> Any:
    """Let half of the requests name rows that exist."""
    if not path_parameters or len(repr(path_parameters)) % 2:
        return path_parameters
    return {name: KNOWN.get(name, value) for name, value in path_parameters.items()}


CONFIG = schemathesis.Config.from_dict(
    {"phases": {"coverage": {"enabled": HAS_TIME}}, "generation": {"mode": "all"}}
)
DESCRIBED = schemathesis.openapi.from_dict(document(), config=CONFIG)
API = DESCRIBED.exclude(operation_id=OF_PROCESSES)


@pytest.fixture
def _rows(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.ADMIN_KEY = ADMIN_KEY
    settings.MAX_HELD_ANSWERS = 0
    for name in ("SENDS", "MANAGEMENT", "LOGS", "UNSIGNED"):
        setattr(settings, f"LIMIT_{name}_PER_MINUTE", 0)
    boss = make_client("boss", ["admin"])
    make_config(boss)
    make_config(default_client())
    make_log(boss, message_id=MESSAGE_ID, status=Status.FAILED)
    save_template(
        key="welcome",
        name="Welcome",
        contents={"lark": {"content_template": "Hello {{ name }}"}},
        author="test",
        channel_types=["lark"],
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("_rows")
@API.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_documented(case: schemathesis.Case[Any]) -> None:
    answer = call(case)
    assert answer.status_code < 500, answer.content


def call(case: schemathesis.Case[Any]) -> Any:
    """Send a request as the client `boss`; the answer is checked on its way back."""
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    names = ("method", "url", "headers", "params", "data", "json", "cookies")
    asked = Request(**{name: kwargs.get(name) for name in names}).prepare()
    method, target = asked.method or "", asked.path_url
    body = _bytes(asked.body)
    given: Mapping[str, str | bytes] = dict(asked.headers.items())
    unsigned = {
        name: str(value, "latin-1") if isinstance(value, bytes) else value
        for name, value in given.items()
        if name.lower() not in {"x-signature-version", "x-nonce", "content-length"}
    }
    return Client().generic(
        method,
        target,
        body,
        content_type=unsigned.pop("Content-Type", ""),
        headers={
            **unsigned,
            **signature_headers(method, target, body, secret_of("boss")),
            "X-Key-Id": "boss",
            "X-Admin-Key": ADMIN_KEY,
        },
    )


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""
