import os
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from channels_app.models import DEFAULT_KEY_ID, ApiClient, WorkerHeartbeat
from channels_app.selectors.clients import forget_signers
from channels_app.services.pausing import pause_sending
from diagnostics.services.timed import ask
from tests.conftest import Signed

# The parts are asked on connections of their own, which see committed rows only.
transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    forget_signers()


def beat(seconds_ago: float = 0) -> None:
    seen = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerHeartbeat.objects.create(
        name="w1", host="here", pid=1, started_at=seen, seen_at=seen
    )


@pytest.fixture
def unreachable_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new connection go to a file that cannot be one."""
    monkeypatch.setitem(connection.settings_dict, "NAME", "/dev/null/none")
    monkeypatch.setitem(connection.settings_dict, "HOST", "/dev/null")


@pytest.mark.parametrize("path", ["/livez", "/livez/"])
def test_livez_touches_nothing(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@transactional
def test_ready_with_a_database_and_a_worker(client: Client) -> None:
    beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])


@transactional
def test_not_ready_without_a_worker(client: Client) -> None:
    beat(seconds_ago=60)
    answer = client.get("/readyz/")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "queue: no worker is alive; run manage.py worker"
    ]
    assert int(answer["Retry-After"]) >= 1


@transactional
def test_not_ready_before_migrations(client: Client) -> None:
    beat()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE name = '0002_default_client'"
        )
    try:
        answer = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES "
                "('channels_app', '0002_default_client', CURRENT_TIMESTAMP)"
            )
    assert answer.status_code == 503
    assert "channels_app.0002_default_client" in answer.json()["reasons"][0]


@transactional
@pytest.mark.parametrize("path", ["/health", "/health/", "/api/health", "/api/health/"])
def test_health_is_one_word_and_three_booleans(client: Client, path: str) -> None:
    beat()
    answer = client.get(path)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"status", "timestamp", "version", "services"}
    assert body["status"] == "healthy"
    assert body["services"] == {"database": True, "queue": True, "cache": True}
    assert answer["X-Request-Id"]


@transactional
def test_while_sending_is_paused_health_is_degraded(client: Client) -> None:
    beat()
    pause_sending(by="test")
    assert client.get("/health").json()["status"] == "degraded"
    assert client.get("/readyz").status_code == 200
    headers = {"X-Admin-Key": os.environ["ADMIN_KEY"]}
    details = client.get("/health?detailed=true", headers=headers).json()
    assert any("sending resume" in check for check in details["checks"])


@transactional
def test_without_a_worker_health_is_degraded(client: Client) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["services"]["queue"] is False


@pytest.mark.usefixtures("unreachable_database")
@pytest.mark.parametrize(("path", "word"), [("/health", "unhealthy"), ("/readyz", "")])
@pytest.mark.django_db
def test_without_a_database_the_answer_is_503(
    client: Client, path: str, word: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 503
    assert word in answer.json()["status"]


@pytest.mark.usefixtures("unreachable_database")
@pytest.mark.django_db
def test_the_admin_key_needs_no_database(client: Client) -> None:
    headers = {"X-Admin-Key": os.environ["ADMIN_KEY"]}
    answer = client.get("/health?detailed=true", headers=headers)
    assert answer.status_code == 503
    assert answer.json()["database"]["problem"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "MISSING_AUTH_HEADERS"),
        ({"X-Admin-Key": ""}, 401, "MISSING_AUTH_HEADERS"),
        ({"X-Admin-Key": "wrong"}, 401, "INVALID_CREDENTIALS"),
    ],
)
def test_details_are_refused_to_strangers(
    client: Client, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.get("/health?detailed=true", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@transactional
def test_details_are_shown_to_a_signature(signed: Signed) -> None:
    beat()
    ApiClient.objects.get_or_create(key_id=DEFAULT_KEY_ID)
    body = signed("GET", "/api/health?detailed=true").json()
    assert body["queue"]["workers_alive"] == 1
    assert body["database"]["vendor"] == connection.vendor
    assert body["database"]["latency_ms"] > 0
    assert body["checks"] == []


@transactional
def test_details_are_shown_to_staff_alone(client: Client) -> None:
    users = get_user_model()
    client.force_login(users.objects.create_user("viewer", password="x"))
    assert client.get("/health?detailed=true").status_code == 401
    client.force_login(users.objects.create_superuser("boss", password="x"))
    assert client.get("/health?detailed=true").status_code == 200


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_question_that_hangs_is_given_up(gate: threading.Event) -> None:
    reply = ask(gate.wait, seconds=0.05)
    assert not reply.is_good
    assert "no answer" in reply.problem


def test_hanging_questions_use_up_no_more_than_a_few_threads(
    gate: threading.Event,
) -> None:
    problems = [ask(gate.wait, seconds=0.01).problem for _ in range(12)]
    assert "earlier questions" in problems[-1]
    assert len([t for t in threading.enumerate() if t.name == "health"]) <= 8
