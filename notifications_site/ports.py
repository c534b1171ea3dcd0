"""Whether a port can be listened on and, if not, who has it."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path

LISTENING = "0A"


def why_not_free(address: str, port: int) -> str | None:
    """Return in a sentence why nobody can listen there now, or None."""
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        return _explain(error, address, port)
    return None


def _explain(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {address} is in use by {holder(port)}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs rights that this user does not have."
    return f"This machine cannot listen on {address}, port {port}: {error.strerror}."


def holder(port: int) -> str:
    """Return the process that listens on a port, as far as this user may see it."""
    inodes = _listening_inodes(port)
    for folder in Path("/proc").glob("[0-9]*"):
        if inodes & _socket_inodes(folder):
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_text().replace("\0", " ")
                return f"process {folder.name} ({command.strip()[:80]})"
    return "another program (of another user, or in another container)"


def _listening_inodes(port: int) -> set[str]:
    inodes: set[str] = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and fields[1].endswith(f":{port:04X}"):
                    inodes.add(f"socket:[{fields[9]}]")
    return inodes


def _socket_inodes(process: Path) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(os.readlink(descriptor))  # noqa: PTH115 - not a real path
    return found
