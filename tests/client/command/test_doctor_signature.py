"""`notify doctor signature`: what it compares, and that it hides the secret."""

import io
import json
import sys
from pathlib import Path

import pytest

from notifications_client.command.main import main
from tests.client.clients import SECRET
from tests.client.test_doctor import BODY, RIGHT, TS, http, signed


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
