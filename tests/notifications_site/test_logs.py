"""Log lines: ids of the work, and JSON for machines."""

import json
import logging
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import LazySettings

from channels_app.log_context import logged_with, whole_process_logged_with
from channels_app.secret_settings import (
    SECRET_SETTINGS,
    SHORTEST_SECRET,
    settings_secrets,
)
from notifications_site import logs
from notifications_site.logs import (
    ContextFilter,
    JsonFormatter,
    TokenFilter,
    hide_tokens,
    logging_settings,
)
from tests.faults.queries import execute, query
from tests.notifications_site.programs import manage, migrate, settings_for


def record(message: str = "Sent %s.", *args: object) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, __file__, 1, message, args, None)


def test_a_line_carries_the_ids_of_its_work() -> None:
    with logged_with(request_id="r1"), logged_with(message_id="m1"):
        line = record()
        ContextFilter().filter(line)
    assert vars(line)["context"] == " request_id=r1 message_id=m1"


def test_ids_end_with_their_block() -> None:
    with logged_with(request_id="r1"):
        pass
    line = record()
    ContextFilter().filter(line)
    assert vars(line)["context"] == ""


def test_the_ids_of_a_process_are_on_the_lines_of_all_its_threads() -> None:
    lines = [record(), record()]
    with whole_process_logged_with(run="7"), logged_with(message_id="m1"):
        ContextFilter().filter(lines[0])
        thread = threading.Thread(target=ContextFilter().filter, args=(lines[1],))
        thread.start()
        thread.join()
    told = [vars(line)["context"] for line in lines]
    assert told == [" run=7 message_id=m1", " run=7"]
    ContextFilter().filter(lines[0])
    assert vars(lines[0])["context"] == ""


def test_lines_of_scheduled_work_name_their_task_and_run(tmp_path: Path) -> None:
    environment = settings_for(tmp_path)
    migrate(environment)
    execute(
        environment,
        "INSERT INTO task_execution_records"
        " (task, slot, asked_by, status, worker, summary, error)"
        " VALUES ('backup', CURRENT_TIMESTAMP, '', 'running', 'w', '', '')",
    )
    [[run]] = query(environment, "SELECT id FROM task_execution_records")
    done = manage("run_scheduled", str(run), environment=environment)
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stderr.splitlines() if "is ready" in line]
    assert line.endswith(f" task=backup run={run}")


def test_a_json_line_holds_message_ids_and_exception() -> None:
    with pytest.raises(ValueError, match="broken") as caught:
        raise ValueError("broken")
    with logged_with(request_id="r1"):
        line = record("Zoë %s", "张三")
        line.exc_info = (ValueError, caught.value, None)
        ContextFilter().filter(line)
    found = json.loads(JsonFormatter().format(line))
    assert found["message"] == "Zoë 张三"
    assert found["request_id"] == "r1"
    assert "broken" in found["exception"]


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_shows_a_secret_of_the_settings(
    form: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST_PASSWORD = "mail-password-canary"
    settings.BASIC_AUTH_PASSWORD = "short"
    settings.ENCRYPT_KEYS_OLD = ["0123456789abcdef" * 2]
    settings.REDIS_URL = "redis://:redis-canary@cache.example/0"
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", 'database-"canary"')
    settings_secrets.cache_clear()
    shown = [getattr(settings, name) for name in SECRET_SETTINGS] + [
        *settings.ENCRYPT_KEYS_OLD,
        "redis-canary",
        'database-"canary"',
    ]
    hidden = [value for value in shown if len(value) >= SHORTEST_SECRET]
    assert len(hidden) >= 7
    formatter = formatter_of(form)
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError(" ".join(shown))
    try:
        line = record("Told: %s", " ".join(shown))
        line.exc_info = (RuntimeError, caught.value, caught.tb)
        ContextFilter().filter(line)
        text = formatter.format(line)
    finally:
        settings_secrets.cache_clear()
    assert [value for value in hidden if value in text] == []
    assert "canary" not in text
    assert "RuntimeError" in text
    assert "short" in text


def formatter_of(form: str) -> logging.Formatter:
    made: Any = logging_settings("INFO", form)["formatters"]
    names = dict(made[form])
    kind = getattr(logs, names.pop("()").rpartition(".")[2])
    return cast(
        logging.Formatter, kind(names.get("format"), style=names.get("style", "%"))
    )


@pytest.mark.parametrize(
    ("message", "args", "written"),
    [
        ("POST %s", ("/a?token=s3cr3t HTTP/1.1",), "POST /a?token=**** HTTP/1.1"),
        ('"POST /a?x=1&token=s3cr3t&y=2"', (), '"POST /a?x=1&token=****&y=2"'),
        ("%(r)s", ({"r": "/a?Token=s3%63r3t#x"},), "/a?Token=****#x"),
        ("no token=here", (), "no token=here"),
        ("100 %", (), "100 %"),
    ],
)
def test_no_line_shows_the_token_of_an_address(
    message: str, args: tuple[object, ...], written: str
) -> None:
    line = record(message, *args)
    assert TokenFilter().filter(line)
    assert line.getMessage() == written


def test_loggers_that_are_not_djangos_show_no_token_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hide_tokens("tests.access")
    logging.getLogger("tests.access").warning("GET %s", "/a?token=s3cr3t")
    assert caplog.messages == ["GET /a?token=****"]
