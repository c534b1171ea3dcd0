"""Secrets that are planted everywhere turn up nowhere: in no report, log or answer."""

import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.queries import table
from tests.journeys.calls import SEND, request
from tests.journeys.conftest import new_database
from tests.journeys.service import Installation, Service
from tests.notifications_site.programs import manage
from tests.waiting import wait_until

pytestmark = pytest.mark.journey

PLANTED = ("ADMIN_KEY", "METRICS_TOKEN", "EMAIL_HOST_PASSWORD", "BACKUP_PASSPHRASE")
OF_THE_ENVIRONMENT = (
    *PLANTED,
    "API_SECRET_KEY",
    "ENCRYPT_KEY",
    "DJANGO_SECRET_KEY",
    "BASIC_AUTH_PASSWORD",
)
REPORTS = "SELECT * FROM health_reports"
RUNS = "SELECT * FROM task_execution_records"


def test_no_planted_secret_is_shown_anywhere(tmp_path: Path) -> None:
    made = Installation.prepare(tmp_path, new_database(tmp_path))
    planted = {name: secrets.token_hex(16) for name in PLANTED}
    planted |= {"LOG_LEVEL": "DEBUG"}
    installation = replace(made, environment={**made.environment, **planted})
    token = secrets.token_hex(16)
    canaries = {installation.environment[name] for name in OF_THE_ENVIRONMENT}
    with receiver(answering(OK)) as there, installation.started() as service:
        _user(service, there.url, token)
        service.sent(_message(service))
        shown = [*_answers(service), *_commands(installation)]
        shown += [table(installation.environment, sql) for sql in (REPORTS, RUNS)]
    shown.append(service.said())
    assert all(shown)
    for number, text in enumerate(shown):
        assert [one for one in {*canaries, token} if one in text] == [], number


def _text() -> dict[str, object]:
    return {"custom_content": {"content": "Hello"}}


def _user(service: Service, url: str, token: str) -> None:
    data = {"webhook_url": url, "headers": {"Authorization": f"Bearer {token}"}}
    form = {"user_id": "carol", "channel_type": "webhook", "config_data": data}
    service.api.expect(201, "POST", "/api/user-configs", form)


def _message(service: Service) -> str:
    [message] = service.api.send(user_id="carol", **_text())
    return message


def _answers(service: Service) -> list[str]:
    """Return what the API tells, refusals and odd requests included."""
    ask = {"task": "health_report"}
    service.api.expect(202, "POST", "/api/scheduled-tasks/trigger", ask)
    told = "/health?detailed=true"
    wait_until(
        lambda: service.api.expect(200, "GET", told)["report"], "the report is made", 60
    )
    paths = (told, "/api/metrics", "/metrics", "/readyz", "/health/scheduled-tasks")
    answers = [service.api.call("GET", path) for path in (*paths, "/nowhere")]
    answers += [
        service.api.call("POST", SEND, body=b"{"),
        service.api.call("POST", SEND, {"user_id": "carol"}),
        request(service.api.port, "POST", SEND, b"{}", {"X-Signature": "0" * 64}),
    ]
    return [f"{one.headers}{one.body.decode()}" for one in answers]


def _commands(installation: Installation) -> list[str]:
    url = f"http://127.0.0.1:{installation.port}"
    commands = (
        ("diagnose",),
        ("diagnose", "--json"),
        ("diagnose", "--url", url, "--json"),
        ("check_environment",),
        ("check",),
        ("backup",),
        ("backup", "--encrypt", "--json"),
        ("list_backups", "--json"),
        ("restore", "nowhere", "--yes"),
    )
    done = [
        manage(*command, environment=installation.environment) for command in commands
    ]
    return [f"{one.stdout}{one.stderr}" for one in done]
