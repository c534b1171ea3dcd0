"""The command `notify`: what it prints, what it asks, how it ends."""

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from notifications_client.command.main import main
from notifications_client.command.output import Output
from tests.client import hostile as server
from tests.client.clients import SECRET
from tests.client.hostile import Server, hostile, refusal
from tests.client.test_doctor import BODY, RIGHT, TS, http, signed

LOG = {
    "id": 7,
    "message_id": "m1",
    "user_id": "u1",
    "channel_type": "lark",
    "status": "failed",
    "template_key": None,
    "subject": None,
    "content": "Hello",
    "retry_count": 0,
    "error": "no such bot",
    "sent_at": None,
    "created_at": "2026-01-02T03:04:05.123Z",
    "request_id": "r1",
}
EXPLANATION = {
    "id": "lark_bot_gone",
    "severity": "critical",
    "who": "user",
    "title": "The bot was removed.",
    "cause": "Lark knows no such webhook.",
    "evidence": {"status": "failed", "attempts": 2},
    "remedy": ["Add the bot again.", "Save the new address."],
    "verify": "send a test message",
}
TIMELINE = [{"at": LOG["created_at"], "event": "accepted", "text": "Accepted."}]


def message(status: str, explanation: object = None) -> server.Reaction:
    log = {
        **LOG,
        "status": status,
        "error": None if status == "sent" else "no such bot",
    }
    data = {"log": log, "timeline": TIMELINE, "explanation": explanation}
    return server.answer(200, {"success": True, "data": data})


def page(count: int, cursor: str | None = None) -> server.Reaction:
    logs = [{**LOG, "message_id": f"m{number}"} for number in range(count)]
    return server.answer(
        200, {"success": True, "data": {"logs": logs, "next_cursor": cursor}}
    )


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NOTIFY_URL", "NOTIFY_KEY_ID", "NOTIFY_CONFIG", "NOTIFY_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("NOTIFY_SECRET", SECRET)
    monkeypatch.setenv("NOTIFY_LANGUAGE", "en")


def notify(service: Server, *arguments: str) -> int:
    command, *others = arguments
    return main([command, "--url", service.url, *others])


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


@pytest.mark.parametrize("format_", [[], ["--json"]])
def test_a_refusal_is_told_with_its_remedy(
    format_: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with hostile(refusal(400, "USER_NO_CHANNELS")) as service:
        assert notify(service, "send", "u1", "Hello", *format_) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "No. Do. [USER_NO_CHANNELS, HTTP 400, request r]" in shown.err
    if format_:
        assert json.loads(shown.err)["code"] == "USER_NO_CHANNELS"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["send", "u1"], "Nothing to send"),
        (["send", "u1", "x", "--metadata", "[1]"], "must be a JSON object"),
        (["send", "u1", "--template", "t", "--var", "x"], "name=value"),
        (["send", "u1", "x", "--secret-file", "/nowhere"], "cannot be read"),
        (["health", "--profile", "other"], "There is no file"),
    ],
)
def test_what_cannot_be_meant_ends_with_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with hostile() as service:
        assert notify(service, *arguments) == 2
    assert said in capsys.readouterr().err
    assert service.seen == []


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "12:00"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["logs", "--since", text])
    assert ended.value.code == 2


def test_nobody_there_ends_with_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert main(["health", "--url", "http://127.0.0.1:9"]) == 2
    assert "cannot be connected to" in capsys.readouterr().err


def test_without_an_address_or_a_secret_it_says_how_to_give_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["health"]) == 2
    assert "NOTIFY_URL" in capsys.readouterr().err
    monkeypatch.delenv("NOTIFY_SECRET")
    assert main(["health", "--url", "http://127.0.0.1:9"]) == 2
    assert "NOTIFY_SECRET" in capsys.readouterr().err


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "notify.ini"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_file_holds_the_settings_of_several_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SECRET")
    (tmp_path / "secret").write_text(SECRET + "\n")
    with hostile() as service:
        written(
            tmp_path,
            f"[default]\nurl = http://127.0.0.1:9\nsecret = %{SECRET}\n"
            f"[staging]\nurl = {service.url}\nsecret_file = {tmp_path}/secret\n"
            "key_id = k_staging\nsignature_version = 1\n",
        )
        assert main(["send", "u1", "Hello", "--profile", "staging"]) == 0
        assert main(["send", "u1", "Hello", "--profile", "nobody"]) == 2
    (seen,) = service.seen
    assert seen.headers["X-Key-Id"] == "k_staging"
    assert "X-Nonce" not in seen.headers
    stamp = seen.headers["X-Timestamp"].encode()
    assert seen.headers["X-Signature"] == signed(stamp + seen.body)


def test_options_come_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "[default]\nurl = http://127.0.0.1:9\nkey_id = of_file\n")
    with hostile() as service:
        monkeypatch.setenv("NOTIFY_URL", service.url)
        monkeypatch.setenv("NOTIFY_KEY_ID", "of_environment")
        main(["send", "u1", "Hello"])
        main(["send", "u1", "Hello", "--key-id", "of_options"])
    keys = [seen.headers["X-Key-Id"] for seen in service.seen]
    assert keys == ["of_environment", "of_options"]


def test_a_file_that_others_can_read_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hostile() as service:
        written(tmp_path, f"[default]\nurl = {service.url}\n").chmod(0o644)
        assert main(["send", "u1", "Hello"]) == 0
    assert "chmod 600" in capsys.readouterr().err


def paste(monkeypatch: pytest.MonkeyPatch, request: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(request)))


def test_the_doctor_compares_and_hides_the_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that signs its secret as part of the message must not show it either."""
    wrong = signed(TS + b"." + BODY)
    paste(monkeypatch, http().replace(RIGHT.encode(), wrong.encode()))
    assert main(["doctor", "signature"]) == 1
    shown = capsys.readouterr().out
    assert "There is a separator" in shown
    assert "They part at byte 13" in shown
    assert SECRET not in shown
    body = http().replace(BODY, SECRET.encode())
    paste(monkeypatch, body)
    assert main(["doctor", "signature"]) == 1
    assert SECRET not in capsys.readouterr().out


def test_the_doctor_is_content_with_a_good_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "request.txt"
    file.write_bytes(http())
    assert main(["doctor", "signature", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["is_good"]
    assert found["findings"] == []
    assert found["first_difference"] is None


def test_the_doctor_says_when_there_is_nothing_to_look_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paste(monkeypatch, b"")
    assert main(["doctor", "signature"]) == 2
    assert "empty" in capsys.readouterr().err
    assert main(["doctor", "signature", "/nowhere"]) == 2


def test_a_terminal_gets_columns_and_colours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    rows = [("lark", "sent", "短消息"), ("webhook", "failed", "so " * 40)]
    Output(is_json=False).table(rows)
    first, second = capsys.readouterr().out.splitlines()
    assert "\x1b[32msent\x1b[0m" in first
    bare = [re.sub(r"\x1b\[\d*m", "", line) for line in (first, second)]
    assert bare[0].index("sent") == bare[1].index("failed")
    assert bare[1].endswith("…")
    assert len(bare[1]) <= 40
    monkeypatch.setenv("NO_COLOR", "1")
    Output(is_json=False).table(rows)
    assert "\x1b" not in capsys.readouterr().out


def test_messages_are_in_chinese_where_the_locale_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NOTIFY_LANGUAGE")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["health"]) == 2
    assert "没有地址" in capsys.readouterr().err
    with hostile() as service:
        notify(service, "send", "u1", "你好")
    assert service.seen[0].headers["Accept-Language"] == "zh-Hans"


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
    return Path(__file__).resolve().parents[2] / "client" / "src"


def completions(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["notify", ""], "send logs explain health doctor completion"),
        (["notify", "lo"], "logs"),
        (["notify", "doctor", "s"], "signature"),
        (["notify", "logs", "--status", "se"], "sending sent"),
        (["notify", "send", "u1", "--priority", ""], "low normal high"),
        (["notify", "send", "--sub"], "--subject"),
        (["notify", "doctor", "signature", "--js"], "--json"),
        (["notify", "completion", ""], "bash zsh fish"),
    ],
)
def test_bash_completes(
    words: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash: not installed")
    line = " ".join(f"'{word}'" for word in words)
    script = (
        f"{completions('bash', capsys)}\nCOMP_WORDS=({line}); "
        f'COMP_CWORD={len(words) - 1}; _notify; echo "${{COMPREPLY[@]}}"'
    )
    done: Any = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    offered = done.stdout.split()
    assert [word for word in wanted.split() if word not in offered] == []


@pytest.mark.parametrize(("shell", "check"), [("zsh", "-n"), ("fish", "--no-execute")])
def test_other_shells_can_read_their_completions(
    shell: str, check: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "notify"
    script.write_text(completions(shell, capsys))
    assert "signature" in script.read_text()
    if shutil.which(shell) is None:
        pytest.skip(f"{shell}: not installed")
    subprocess.run([shell, check, str(script)], check=True)
