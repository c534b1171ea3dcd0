"""Limits of a client, their headers, and failures that lock nobody else out."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from channels_app.models import ApiClient, ClientDay
from channels_app.selectors.clients import forget_signers
from channels_app.services.client_figures import add_figures
from channels_app.services.client_secrets import add_secret, create_client
from channels_app.services.clients import forget_uses
from tests.channels_app.rows import default_client, make_client, secret_of
from tests.conftest import Answer, Signed

pytestmark = pytest.mark.django_db

SEND = "/api/notifications/send"
BODY = b'{"user_id":"u1","channels":["carrier-pigeon"]}'
LET_IN = "INVALID_CHANNEL_TYPE"
RATE_LIMIT = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')

GET_OF_SCOPE = {
    "management": "/api/user-configs",
    "logs": "/api/notification-logs",
}
SAID = {"management": "requests on templates and configs", "logs": "requests on logs"}


def left(answer: Answer) -> tuple[str, int, int]:
    match = RATE_LIMIT.fullmatch(answer.headers["RateLimit"])
    assert match, answer.headers["RateLimit"]
    return match[1], int(match[2]), int(match[3])


@pytest.mark.parametrize(("name", "path"), GET_OF_SCOPE.items())
def test_a_success_tells_what_is_left(
    signed: Signed, settings: Settings, name: str, path: str
) -> None:
    setattr(settings, f"LIMIT_{name.upper()}_PER_MINUTE", 4)
    answers = [signed("GET", path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [left(answer) for answer in answers] == [(name, 3, 15), (name, 2, 30)]
    assert answers[0].headers["RateLimit-Policy"] == f'"{name}";q=4;w=60'
    assert "Retry-After" not in answers[0].headers


@pytest.mark.parametrize(("name", "path"), GET_OF_SCOPE.items())
def test_a_refusal_tells_when_to_come_again(
    signed: Signed, settings: Settings, name: str, path: str
) -> None:
    setattr(settings, f"LIMIT_{name.upper()}_PER_MINUTE", 1)
    answers = [signed("GET", path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    for answer in answers[1:]:
        wait = int(answer.headers["Retry-After"])
        assert 1 <= wait <= 60
        assert left(answer) == (name, 0, wait)
        assert answer.json()["error"] == f"More than 1 {SAID[name]} in 60 seconds."
        assert answer.headers["RateLimit-Policy"] == f'"{name}";q=1;w=60'


@pytest.mark.parametrize(
    ("own", "statuses"),
    [(None, [200, 429, 429]), (2, [200, 200, 429]), (0, [200, 200, 200])],
)
@pytest.mark.parametrize(("name", "path"), GET_OF_SCOPE.items())
def test_an_own_limit_comes_before_the_setting(
    signed: Signed,
    settings: Settings,
    name: str,
    path: str,
    own: int | None,
    statuses: list[int],
) -> None:
    setattr(settings, f"LIMIT_{name.upper()}_PER_MINUTE", 1)
    ApiClient.objects.update(**{f"{name}_per_minute": own})
    forget_signers()
    answers = [signed("GET", path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == statuses
    assert ("RateLimit" in answers[0].headers) is (own != 0)


def test_clients_do_not_use_up_each_others_limits(
    signed: Signed, settings: Settings
) -> None:
    settings.LIMIT_LOGS_PER_MINUTE = 1
    make_client("shop")
    for _ in range(3):
        signed("GET", "/api/notification-logs")
    answer = signed(
        "GET", "/api/notification-logs", key_id="shop", secret=secret_of("shop")
    )
    assert answer.status_code == 200


class TestFailuresLockNobodyOut:
    """Wrong signatures count on an address and a key id, and hold up only wrong ones."""

    @pytest.fixture(autouse=True)
    def _blocked(self, signed: Signed, settings: Settings) -> None:
        settings.LIMIT_BAD_SIGNATURES = 2
        answers = [self.wrong(signed) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
        wait = int(answers[-1].headers["Retry-After"])
        assert 1 <= wait <= 300
        assert left(answers[-1]) == ("bad_signatures", 0, wait)

    def wrong(self, signed: Signed, key_id: str | None = None) -> Answer:
        return signed("POST", SEND, body=BODY, secret="not-the-secret", key_id=key_id)

    def test_a_good_signature_from_that_very_address_is_let_in(
        self, signed: Signed
    ) -> None:
        """Behind one address there may be many programs, and `default` is no secret."""
        assert signed("POST", SEND, body=BODY).json()["code"] == LET_IN
        assert self.wrong(signed).status_code == 429

    def test_another_key_id_has_a_count_of_its_own(self, signed: Signed) -> None:
        make_client("shop")
        assert self.wrong(signed, "shop").status_code == 401
        assert self.wrong(signed, "nobody").status_code == 401

    def test_another_address_has_a_count_of_its_own(
        self, client: Client, signed: Signed
    ) -> None:
        client.defaults["REMOTE_ADDR"] = "192.0.2.7"
        assert self.wrong(signed).status_code == 401
        client.defaults["REMOTE_ADDR"] = "127.0.0.1"
        assert self.wrong(signed).status_code == 429

    def test_unknown_key_ids_are_counted_alike(self, signed: Signed) -> None:
        answers = [self.wrong(signed, "nobody") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]


def test_both_secrets_sign_and_each_is_noted_when_used(signed: Signed) -> None:
    first = create_client(name="shop", scopes=["send"])
    key_id = first.client.key_id
    second = add_secret(client=first.client)

    def post(secret: str) -> str:
        answer = signed("POST", SEND, body=BODY, key_id=key_id, secret=secret)
        return str(answer.json()["code"])

    assert post(second.secret) == LET_IN
    before = ApiClient.objects.get(key_id=key_id)
    assert before.secret_used_at is not None
    assert before.old_secret_used_at is None
    assert post(first.secret) == LET_IN
    after = ApiClient.objects.get(key_id=key_id)
    assert after.old_secret_used_at is not None
    assert after.last_used_at == after.old_secret_used_at


def test_a_use_is_noted_once_a_minute(signed: Signed) -> None:
    signed("POST", SEND, body=BODY)
    noted = default_client().secret_used_at
    signed("POST", SEND, body=BODY)
    forget_uses()
    signed("POST", SEND, body=BODY)
    assert default_client().secret_used_at == noted


def test_mistakes_are_named_for_the_old_secret_too(signed: Signed) -> None:
    first = create_client(name="shop", scopes=["send"])
    add_secret(client=first.client)
    secret, key_id = f"{first.secret}\n", first.client.key_id
    answer = signed("POST", SEND, body=BODY, secret=secret, key_id=key_id)
    assert "white space" in answer.json()["hint"]


def test_requests_and_refusals_of_a_client_are_counted(signed: Signed) -> None:
    forget_uses()
    signed("GET", "/api/notification-logs")
    signed("POST", SEND, body=BODY)
    signed("POST", SEND, body=BODY, secret="not-the-secret")
    signed("POST", SEND, body=BODY, key_id="nobody")
    add_figures()
    [row] = ClientDay.objects.all()
    assert row.client == default_client()
    assert (row.requests, row.refusals) == (3, 2)
