"""`notify logs`, `explain` and `health`: what they show, how they end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import hostile as server
from tests.client.command.service import EXPLANATION, message, notify, page
from tests.client.hostile import hostile


def test_logs_come_page_by_page(capsys: pytest.CaptureFixture[str]) -> None:
    with hostile(page(3, "c1"), page(3)) as service:
        assert notify(service, "logs", "--limit", "5", "--user", "张三") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[4] for line in lines] == ["m0", "m1", "m2", "m0", "m1"]
    first, second = (seen.target for seen in service.seen)
    assert first == "/api/notification-logs?user_id=%E5%BC%A0%E4%B8%89&limit=5"
    assert second == f"{first}&cursor=c1"


def test_logs_as_json_are_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with hostile(page(2)) as service:
        assert notify(service, "logs", "--json", "--since", "2h") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["message_id"] for row in rows] == ["m0", "m1"]
    assert rows[0]["channel"] == "lark"
    assert "start_date=2" in service.seen[0].target


def test_explain_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with hostile(message("failed", EXPLANATION)) as service:
        assert notify(service, "explain", "m1") == 1
    shown = capsys.readouterr().out
    for text in (
        "The bot was removed.",
        "1. Add the bot again.",
        "2. Save the new address.",
        "What to do (user):",
        "Accepted.",
        "attempts: 2",
    ):
        assert text in shown


def test_explain_is_calm_when_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    with hostile(message("sent")) as service:
        assert notify(service, "explain", "m1") == 0
    assert "Nothing is wrong with it." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "word", "status"),
    [(200, "healthy", 0), (200, "degraded", 1), (503, "unhealthy", 1)],
)
def test_health_is_an_answer_in_any_case(
    code: int, word: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"status": word, "version": "1.2", "services": {"queue": word == "healthy"}}
    with hostile(server.answer(code, body)) as service:
        assert notify(service, "health") == status
    shown = capsys.readouterr().out
    assert shown.startswith(f"{word}  1.2")
    assert "X-Signature" not in service.seen[0].headers


def test_health_tells_of_a_wrong_clock(capsys: pytest.CaptureFixture[str]) -> None:
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    with hostile(server.answer(200, {"status": "healthy"}, Date=date)) as service:
        notify(service, "health")
    assert "ahead of the service's" in capsys.readouterr().out


def test_whoever_has_read_enough_may_close_the_pipe() -> None:
    with hostile(page(500)) as service:
        command = [sys.executable, "-m", "notifications_client", "logs"]
        command += ["--url", service.url, "--limit", "0"]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=source()
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0
        process.stderr.close()


def source() -> Path:
    return Path(__file__).resolve().parents[3] / "client" / "src"
