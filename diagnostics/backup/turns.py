"""One backup at a time on a machine; a maker that dies makes room at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from diagnostics.backup.refusals import BackupRefusedError

_NAME = ".making"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the turn of making a backup until the block ends.

    Raises BackupRefusedError with under_way when another process has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _NAME).open("a+")
    except OSError as error:
        raise BackupRefusedError("not_writable", why=error.strerror) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            since = file.read(40) or "?"
            raise BackupRefusedError("under_way", since=since) from error
        file.truncate(0)
        file.write(f"{datetime.now(UTC):%H:%M:%S} UTC")
        file.flush()
        yield
