"""What only the kernel can tell: who sent a signal."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from channels_app.processes.child import PROJECT_DIR
from tests.processes import is_alive
from tests.waiting import wait_until

# The parent prints its child's id; each line it reads makes it end its child.
PROGRAM = """
import os, signal, sys, time
from channels_app.processes.kernel import let_children_heed_only_their_parent
signal.signal(signal.SIGTERM, lambda number, frame: None)
let_children_heed_only_their_parent(signal.SIGTERM)
child = os.fork()
if child == 0:
    print(os.getpid(), flush=True)
    time.sleep(600)
sys.stdin.readline()
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_groups_signal_reaches_the_parent_alone_which_then_ends_its_child() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.killpg(parent.pid, signal.SIGTERM)
        wait_until(lambda: not _pending(child), "the child has seen the signal")
        assert is_alive(child)
        said, _ = parent.communicate("end it\n", timeout=30)
        assert int(said) == 128 + signal.SIGTERM
        assert not is_alive(child)


def _pending(process: int) -> bool:
    """Return whether a process has a signal that it has not taken yet."""
    text = Path(f"/proc/{process}/status").read_text()
    lines = dict(line.split(":", 1) for line in text.splitlines())
    return int(lines["ShdPnd"], 16) != 0
