"""What the shells complete of `notify`."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from notifications_client.command.main import main


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
