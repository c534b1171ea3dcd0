"""How `notify` shows what it shows: columns, colours, languages."""

import re
import sys

import pytest

from notifications_client.command.main import main
from notifications_client.command.output import Output
from tests.client.command.service import notify
from tests.client.hostile import hostile


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
