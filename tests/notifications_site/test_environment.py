"""Settings: each wrong value is named, explained and stops the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from notifications_site.environment import Environment
from tests.notifications_site.programs import ROOT, manage, settings_for

WRONG = [
    ("DEBUG", "maybe", "settings.E001", "Write True or False."),
    ("DJANGO_SECRET_KEY", "short", "settings.E002", "secrets.token_hex(16)"),
    ("API_SECRET_KEY", "", "settings.E002", "secrets.token_hex(16)"),
    ("ENCRYPT_KEY", "x" * 33, "settings.E002", "secrets.token_hex(16)"),
    ("QUEUE_MAX_DEPTH", "many", "settings.E003", "Write digits only"),
    ("QUEUE_MAX_DEPTH", "0", "settings.E003", "Write digits only"),
    ("LEASE_SECONDS", "19", "settings.E003", "for example 60"),
    ("LOG_LEVEL", "LOUD", "settings.E004", "for example INFO"),
    ("TELEGRAM_API_BASE", "telegram.org", "settings.E005", "https://api.telegram.org"),
    (
        "DATABASE_URL",
        "mysql://root@db/notify",
        "settings.E005",
        "Write a whole address",
    ),
    ("REDIS_URL", "localhost:6379", "settings.E005", "redis://127.0.0.1:6379/0"),
    ("OUTBOUND_ALLOWED_NETWORKS", "10.0.0.0/99", "settings.E006", "CIDR"),
    ("RETRY_SCHEDULE", "10,soon", "settings.E003", "comma-separated"),
    ("ENCRYPT_KEYS_OLD", "tooshort", "settings.E002", "former values of ENCRYPT_KEY"),
    ("TIME_ZONE", "Mars/Base", "settings.E010", "Asia/Shanghai"),
    ("SEND_DEADLINE_SECONDS", "90", "settings.E011", "at most 55"),
    (
        "DATABASE_URL",
        "postgres://u:p@db:port/name",
        "settings.E005",
        "percent-encode",
    ),
    ("DEFAULT_FROM_EMAIL", "nobody", "settings.E008", "notify@example.com"),
    ("DATA_DIR", "/dev/null/data", "settings.E007", "Name a folder"),
]


@pytest.mark.parametrize(("name", "value", "check_id", "remedy"), WRONG)
def test_a_wrong_value_stops_every_start_and_says_what_to_do(
    name: str, value: str, check_id: str, remedy: str, tmp_path: Path
) -> None:
    environment = settings_for(tmp_path, **{name: value})
    result = manage("up", environment=environment)
    assert result.returncode == 2
    assert f"  {name}: " in result.stderr
    assert check_id in result.stderr
    assert remedy in result.stderr
    if "KEY" in name and value:
        assert value not in result.stderr


def test_the_check_command_reports_all_problems_at_once(tmp_path: Path) -> None:
    environment = settings_for(tmp_path, DEBUG="maybe", LOG_LEVEL="LOUD")
    result = manage("check", environment=environment)
    assert result.returncode == 1
    for check_id in ("settings.E001", "settings.E004"):
        assert f"({check_id})" in result.stderr
    assert "HINT: Write True or False." in result.stderr


def test_two_ways_to_encrypt_mail_exclude_each_other() -> None:
    both = Environment({"EMAIL_USE_TLS": "yes", "EMAIL_USE_SSL": "1"})
    both.refuse_both("EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert [problem.check_id for problem in both.problems] == ["settings.E009"]
    one = Environment({"EMAIL_USE_TLS": "yes"})
    one.refuse_both("EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert not one.problems


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("True", True), ("yes", True), ("1", True), ("off", False), ("0", False)],
)
def test_flags_are_read_in_the_usual_words(word: str, meaning: bool) -> None:
    environment = Environment({"DEBUG": word})
    assert environment.flag("DEBUG", default=not meaning) is meaning
    assert not environment.problems


def test_no_refusal_of_a_secret_shows_it() -> None:
    environment = Environment({"API_SECRET_KEY": "hunter2hunter2"})
    environment.secret("API_SECRET_KEY", at_least=32)
    assert "hunter2" not in str(environment.problems)


def test_the_file_fills_gaps_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("LOG_LEVEL=ERROR\nTIME_ZONE=Asia/Shanghai\n")
    code = (
        "from notifications_site.environment import ENVIRONMENT as e\n"
        "print(e.raw('LOG_LEVEL'), e.raw('TIME_ZONE'))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "ENV_FILE": str(file), "LOG_LEVEL": "DEBUG"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["DEBUG", "Asia/Shanghai"]
