"""The Python client, its command, and the programs of the guide, against a real service."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notifications_client import (
    AuthenticationError,
    Client,
    ConflictError,
    LogFilter,
    NotFoundError,
    Notification,
    ValidationError,
)
from tests.journeys.sandbox import KINDS, Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
GUIDE = (ROOT / "docs" / "guides" / "clients.md").read_text(encoding="utf-8")
TEMPLATE = {
    "name": "Greeting",
    "variables": ["who"],
    "contents": {
        "webhook": {"content_type": "text", "content_template": "Hi {{ who }}"}
    },
}


@pytest.fixture(params=[1, 2], ids=["version 1", "version 2"])
def client(service: Service, request: pytest.FixtureRequest) -> Iterator[Client]:
    api = service.api
    with Client(api.url, api.secret, signature_version=request.param) as made:
        yield made


def test_a_notification_is_sent_and_awaited(service: Service, client: Client) -> None:
    user = service.new_user()
    sent = client.send(Notification(user, "Hello 你好", subject="Test"), wait=5)
    assert sorted(result.channel for result in sent.results) == sorted(KINDS)
    messages = client.wait(sent)
    assert {message.log.status for message in messages} == {"sent"}
    assert {message.log.content for message in messages} == {"Hello 你好"}
    assert all(message.explanation is None for message in messages)
    assert all(message.timeline for message in messages)
    assert client.clock_skew_ms is not None
    assert abs(client.clock_skew_ms) < 10_000


def test_a_dry_run_says_what_would_be_sent(
    service: Service, sandbox: Sandbox, client: Client
) -> None:
    user = service.new_user(("webhook",))
    found = client.dry_run(Notification(user, f"dry {user}"))
    assert found.would_accept
    (prospect,) = found.results
    assert (prospect.channel, prospect.status) == ("webhook", "would_send")
    assert prospect.content == f"dry {user}"
    assert found.queue["is_worked"]
    assert client.dry_run(Notification("nobody", "x")).code == "USER_NO_CHANNELS"
    assert sandbox.arrived(f"dry {user}") == []
    assert list(client.logs(LogFilter(user_id=user))) == []


def test_the_same_key_sends_once(
    service: Service, sandbox: Sandbox, client: Client
) -> None:
    user = service.new_user(("webhook",))
    first = client.send(Notification(user, f"once {user}"))
    note = Notification(user, f"once {user}", idempotency_key=first.idempotency_key)
    second = client.send(note)
    assert not first.is_replayed
    assert second.is_replayed
    assert second.message_ids == first.message_ids
    client.wait(second)
    assert len(sandbox.arrived(f"once {user}")) == 1


def test_a_batch_is_judged_one_by_one(service: Service, client: Client) -> None:
    user = service.new_user(("webhook",))
    batch = client.send_batch(
        [Notification(user, "a"), Notification("nobody", "b"), Notification(user, "c")]
    )
    assert [item.is_accepted for item in batch.items] == [True, False, True]
    assert (batch.accepted, batch.rejected) == (2, 1)
    refused = batch.items[1]
    assert refused.code == "USER_NO_CHANNELS"
    assert refused.error
    assert refused.hint
    assert len(client.wait(batch)) == 2


def test_the_log_is_read_page_by_page(service: Service, client: Client) -> None:
    user = service.new_user(("webhook",))
    client.send_batch([Notification(user, str(number)) for number in range(7)])
    logs = list(client.logs(LogFilter(user_id=user), page_size=3))
    assert [log.content for log in logs] == [str(number) for number in range(6, -1, -1)]
    assert all(log.created_at and log.created_at.tzinfo for log in logs)


def test_configs_and_templates(service: Service, client: Client) -> None:
    user = service.new_user(("slack",))
    data = service.sandbox.configs(user)["webhook"]
    saved = client.save_config(user, "webhook", data)
    assert saved.is_active
    assert saved.data["secret"] != data["secret"]
    assert sorted(config.channel for config in client.configs(user)) == [
        "slack",
        "webhook",
    ]
    assert client.save_template(f"greeting-{user}", TEMPLATE) == ()
    template = client.template(f"greeting-{user}")
    assert template.channels == ("webhook",)
    assert template.contents[0].content_template == "Hi {{ who }}"
    assert template.key in {item.key for item in client.templates()}
    note = Notification(
        user, channels=["webhook"], template_key=template.key, variables={"who": "Li"}
    )
    (message,) = client.wait(client.send(note))
    assert message.log.content == "Hi Li"
    client.delete_config(user, "webhook")
    with pytest.raises(NotFoundError):
        client.delete_config(user, "webhook")


def test_what_fails_is_explained(
    service: Service, sandbox: Sandbox, client: Client
) -> None:
    user = service.new_user(("webhook",), webhook_url=f"{sandbox.url}/nowhere/gone")
    sent = client.send(Notification(user, "Hello"))
    (message,) = client.wait(sent)
    assert message.log.status == "failed"
    explanation = client.explain(sent.message_ids[0])
    assert explanation is not None
    assert explanation.title
    assert explanation.remedy
    with pytest.raises(ConflictError):
        client.cancel(sent.message_ids[0])


def test_refusals_are_exceptions_by_code(service: Service, client: Client) -> None:
    with pytest.raises(ValidationError) as caught:
        client.send(Notification("nobody", "Hello"))
    assert caught.value.code == "USER_NO_CHANNELS"
    assert caught.value.request_id
    stranger = Client(service.api.url, "x" * 32)
    with pytest.raises(AuthenticationError) as refused:
        stranger.templates()
    assert refused.value.code == "INVALID_SIGNATURE"


def test_health_is_told(client: Client) -> None:
    assert client.health().is_healthy
    assert client.health(detailed=True).fields["queue"]


def test_threads_send_everything_once(
    service: Service, sandbox: Sandbox, client: Client
) -> None:
    user = service.new_user(("webhook",))
    notes = [Notification(user, f"{user}-{number};") for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(client.send, notes))
    client.wait([accepted.message_ids[0] for accepted in sent])
    for note in notes:
        assert len(sandbox.arrived(str(note.content))) == 1


def run(
    service: Service, command: list[str], **given: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "client" / "src"),
        "NOTIFY_URL": service.api.url,
        "NOTIFY_SECRET": service.api.secret,
        **given,
    }
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_sends_lists_and_explains(service: Service) -> None:
    user = service.new_user(("webhook",))
    notify = [sys.executable, "-m", "notifications_client"]
    sent = run(service, [*notify, "send", user, "Hello", "--wait", "--json"])
    assert sent.returncode == 0, sent.stderr
    (message,) = json.loads(sent.stdout)["messages"]
    message_id = message["log"]["message_id"]
    listed = run(service, [*notify, "logs", "--user", user])
    assert message_id in listed.stdout
    explained = run(service, [*notify, "explain", message_id])
    assert explained.returncode == 0, explained.stdout + explained.stderr
    assert run(service, [*notify, "health"]).returncode == 0


def typescript(folder: Path) -> list[str]:
    """Return the command that runs the example, with its types taken off if need be."""
    example = EXAMPLES / "send_and_wait.mts"
    version = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, check=True
    )
    major, minor = map(int, re.findall(r"\d+", version.stdout)[:2])
    if (major, minor) >= (22, 6):
        return ["node", "--experimental-strip-types", "--no-warnings", str(example)]
    bare = folder / "send_and_wait.mjs"
    bare.write_text(without_types(example.read_text(encoding="utf-8")))
    return ["node", str(bare)]


def without_types(source: str) -> str:
    """Take off the annotations that the example has; Node refuses any that is left."""
    for annotation in (
        ": Record<string, string> {",
        ": Promise<any> {",
    ):
        source = source.replace(annotation, " {")
    return re.sub(r"(\w)\??: (?:string|object)(?=[,)])", r"\1", source)


@pytest.fixture(params=["py", "mts", "sh"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Return the command of an example of the guide."""
    needed = {"py": [], "mts": ["node"], "sh": ["curl", "openssl"]}[request.param]
    for name in needed:
        if shutil.which(name) is None:
            pytest.skip(f"{name}: not installed")
    if request.param == "mts":
        return typescript(tmp_path)
    example = str(EXAMPLES / f"send_and_wait.{request.param}")
    return [sys.executable if request.param == "py" else "sh", example]


def test_the_programs_of_the_guide_send_and_wait(
    service: Service, program: list[str]
) -> None:
    user = service.new_user(("slack", "webhook"))
    done = run(service, program, USER_ID=user)
    assert done.returncode == 0, done.stdout + done.stderr
    ends = [line.split()[1] for line in done.stdout.splitlines()]
    assert ends == ["sent", "sent"]


def test_the_programs_of_the_guide_show_a_refusal(
    service: Service, program: list[str]
) -> None:
    done = run(service, program, USER_ID="nobody")
    assert done.returncode != 0
    assert "no active channel" in done.stdout + done.stderr


@pytest.mark.parametrize("ending", ["py", "mts", "sh"])
def test_the_guide_shows_the_programs_as_they_run(ending: str) -> None:
    example = (EXAMPLES / f"send_and_wait.{ending}").read_text(encoding="utf-8")
    assert f"\n{example}```\n" in GUIDE
