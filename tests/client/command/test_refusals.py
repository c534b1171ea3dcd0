"""What `notify` says, and how it ends, when something was refused or cannot be meant."""

import json
from collections.abc import Sequence

import pytest

from notifications_client.command.main import main
from tests.client.command.service import notify
from tests.client.hostile import hostile, refusal


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
