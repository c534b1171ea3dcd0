"""`notify send`: what it sends, how long it waits, how it ends."""

import io
import sys

import pytest

from tests.client import hostile as server
from tests.client.command.service import EXPLANATION, message, notify
from tests.client.hostile import hostile


def test_send_prints_what_became_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with hostile() as service:
        status = notify(
            service, "send", "u1", "Hello", "--subject", "S", "--channel", "webhook"
        )
    assert status == 0
    assert capsys.readouterr().out == "webhook\tpending\tm1\t\n"
    body = service.seen[0].json()
    assert body.pop("idempotency_key")
    assert body == {
        "user_id": "u1",
        "channels": ["webhook"],
        "custom_content": {"subject": "S", "content": "Hello"},
    }


def test_send_takes_a_template_and_all_that_the_api_takes() -> None:
    with hostile() as service:
        status = notify(
            service, "send", "u1", "--template", "t1", "--vars", '{"a": 1}',
            "--var", "b=two", "--var", "c=[3]", "--metadata", '{"run": 7}',
            "--priority", "high", "--send-at", "2026-01-31T12:00:00Z",
            "--idempotency-key", "k", "--dedupe-key", "d", "--dedupe-window", "60",
            "--ordering-key", "o",
        )  # fmt: skip
    assert status == 0
    assert service.seen[0].json() == {
        "user_id": "u1",
        "template_key": "t1",
        "variables": {"a": 1, "b": "two", "c": [3]},
        "metadata": {"run": 7},
        "priority": "high",
        "send_at": "2026-01-31T12:00:00+00:00",
        "idempotency_key": "k",
        "dedupe_key": "d",
        "dedupe_window": 60,
        "ordering_key": "o",
    }


def test_send_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("line 1\nline 2\n"))
    with hostile() as service:
        assert notify(service, "send", "u1", "-") == 0
    content = service.seen[0].json()["custom_content"]["content"]
    assert content == "line 1\nline 2\n"


@pytest.mark.parametrize(("end", "status"), [("sent", 0), ("failed", 1)])
def test_send_waits_and_ends_as_the_delivery_did(
    end: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    story = EXPLANATION if end == "failed" else None
    with hostile(server.answer(), message("sending"), message(end, story)) as service:
        assert notify(service, "send", "u1", "Hello", "--wait") == status
    assert service.seen[0].headers["Prefer"] == "wait=10"
    reason = "The bot was removed." if end == "failed" else ""
    assert capsys.readouterr().out == f"lark\t{end}\tm1\t{reason}\n"


def test_waiting_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with hostile(server.answer(), message("sending")) as service:
        assert notify(service, "send", "u1", "Hello", "--wait", "0.2") == 1
    assert "Not settled after 0.2 s: m1." in capsys.readouterr().err


def test_a_dry_run_sends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    result = {"channelType": "lark", "status": "would_send", "content": "Hello"}
    body = {"would_accept": True, "results": [result], "queue": {"workers_alive": 2}}
    with hostile(server.answer(200, body)) as service:
        assert notify(service, "send", "u1", "Hello", "--dry-run") == 0
    assert service.seen[0].json()["dry_run"] is True
    shown = capsys.readouterr().out
    assert shown.startswith("lark\twould_send\tHello\n")
    assert "workers_alive: 2" in shown


def test_a_dry_run_tells_what_would_be_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = {"error": "No.", "code": "USER_NO_CHANNELS", "hint": "Add one."}
    body = {"would_accept": False, "refusal": refused, "results": [], "queue": {}}
    with hostile(server.answer(200, body)) as service:
        assert notify(service, "send", "u1", "Hello", "--dry-run") == 1
    assert "No. Add one. [USER_NO_CHANNELS]" in capsys.readouterr().out
