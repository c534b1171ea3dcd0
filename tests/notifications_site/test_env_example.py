"""`.env.example` and the first `.env`: complete, private, and never written twice."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from notifications_site.first_run import fill_in, first_env, write_privately
from tests.notifications_site.programs import ROOT, manage, settings_for

EXAMPLE = (ROOT / ".env.example").read_text()
DOCUMENTED = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.MULTILINE)

# Imports the settings with an environment that notes each name it is asked for.
NAMES_ASKED_FOR = """
from notifications_site import environment
class Noting(dict):
    asked = []
    def get(self, name, default=None):
        self.asked.append(name)
        return super().get(name, default)
environment.ENVIRONMENT.values = Noting(environment.ENVIRONMENT.values)
import notifications_site.settings
print(Noting.asked)
"""


def names_asked_for(folder: Path) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", NAMES_ASKED_FOR],
        env=settings_for(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ast.literal_eval(result.stdout))


def test_every_setting_is_documented_once_and_nothing_else(tmp_path: Path) -> None:
    assert sorted(set(DOCUMENTED)) == sorted(DOCUMENTED)
    assert set(DOCUMENTED) == names_asked_for(tmp_path)


def test_every_setting_has_a_comment_above_it() -> None:
    for block in re.split(r"\n\s*\n", EXAMPLE):
        first, *_ = block.strip().splitlines()
        assert first.startswith(("# ", "#FEATURE_")), block


def test_the_first_settings_are_usable_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "first.env"
    write_privately(file, first_env(EXAMPLE, sandbox_port=8123))
    environment = settings_for(tmp_path, ENV_FILE=str(file))
    for name in DOCUMENTED:
        environment.pop(name, None)
    result = manage("check", environment={**environment, "DATA_DIR": str(tmp_path)})
    assert result.returncode == 0, result.stderr
    assert "TELEGRAM_API_BASE=http://127.0.0.1:8123/telegram" in file.read_text()


def test_secrets_are_fresh_each_time() -> None:
    assert first_env(EXAMPLE, 8010) != first_env(EXAMPLE, 8010)


def test_nobody_else_may_read_the_file_and_an_old_one_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "notifications_site.first_run", "--file"]
    file = tmp_path / ".env"
    subprocess.run([*command, str(file)], cwd=ROOT, check=True, capture_output=True)
    written = file.read_text()
    subprocess.run([*command, str(file)], cwd=ROOT, check=True, capture_output=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == written
    with pytest.raises(FileExistsError):
        write_privately(file, "other")


@pytest.mark.parametrize("text", ["", "NAME=1\nNAME=2\n"])
def test_a_name_that_is_not_there_once_cannot_be_filled_in(text: str) -> None:
    with pytest.raises(ValueError, match="NAME must be in"):
        fill_in(text, "NAME", "value")
