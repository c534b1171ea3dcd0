import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from diagnostics.sandbox.server import start_in_thread

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port", "0"],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield running
    running.kill()
    running.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_when_told(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"sandbox listening on (http://127\.0\.0\.1:\d+/)\n", line)
    assert found, process.communicate()
    with urllib.request.urlopen(f"{found[1]}livez") as answer:
        assert answer.status == 200
    process.send_signal(number)
    assert process.wait(timeout=20) == 0


def test_a_port_in_use_is_said_clearly() -> None:
    running = start_in_thread()
    port = running.url.rpartition(":")[2]
    with pytest.raises(CommandError, match=rf"127\.0\.0\.1:{port}.*--port"):
        call_command("sandbox", port=int(port))
    running.stop()
