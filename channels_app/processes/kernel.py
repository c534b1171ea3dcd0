"""What only the kernel can do for us: adopt orphans, look at process groups."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from functools import partial
from pathlib import Path
from threading import Thread

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PROC = Path("/proc")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int, signal_number: int = signal.SIGTERM) -> None:
    """Ask for a signal when the parent ends; end now if it already has."""
    _prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        raise SystemExit(128 + signal_number)


def let_children_heed_only_their_parent(signal_number: int) -> None:
    """Let processes forked from now on end by a signal only when their parent sent it.

    Who signals a whole group reaches this process too, and it ends the others in order.
    """
    os.register_at_fork(after_in_child=partial(_heed_only_the_parent, signal_number))


def _heed_only_the_parent(signal_number: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal_number})
    Thread(target=_end_when_told, args=(signal_number,), daemon=True).start()


def _end_when_told(signal_number: int) -> None:
    while signal.sigwaitinfo({signal_number}).si_pid != os.getppid():
        pass
    os._exit(128 + signal_number)


def next_dead_child() -> int | None:
    """Return the id of a child that has ended and is not yet reaped."""
    with contextlib.suppress(ChildProcessError):
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found.si_pid if found else None
    return None


def signal_group(group: int, signal_number: int) -> None:
    """Signal a whole process group; an empty one is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal_number)


def signal_group_of(process: int, signal_number: int) -> None:
    """Signal the group of a process, or only the process where the group is ours."""
    with contextlib.suppress(ProcessLookupError):
        group = os.getpgid(process)
        if group == os.getpgrp():
            os.kill(process, signal_number)
        else:
            os.killpg(group, signal_number)


def group_members(group: int) -> list[int]:
    """Return the living processes of a process group."""
    return [
        process
        for process, fields in _process_table().items()
        if int(fields[2]) == group and fields[0] != "Z"
    ]


def children_of(parent: int) -> list[int]:
    """Return the processes whose parent this is, dead ones included."""
    return [
        process
        for process, fields in _process_table().items()
        if int(fields[1]) == parent
    ]


def _process_table() -> dict[int, list[str]]:
    """Return state, parent, group, … of every process, by its id."""
    table: dict[int, list[str]] = {}
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            text = (folder / "stat").read_text(errors="replace")
            table[int(folder.name)] = text.rpartition(")")[2].split()
    return table


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
