"""Scheduled tasks that note each run of theirs, and wait for a file."""

import os
from functools import partial
from pathlib import Path

from channels_app.selectors.schedules import ScheduledTask
from tests.faults.slow_work import QUICK
from tests.waiting import wait_until

FOLDER = Path(os.environ["DATA_DIR"])
DAY = 24 * 3600


def note(name: str) -> str:
    with (FOLDER / "runs").open("a") as file:
        file.write(f"{name}\n")
    return "Noted."


def wait(name: str) -> str:
    note(name)
    wait_until((FOLDER / "go").exists, "it may go on", 600)
    return "Waited."


TASKS = (
    *(
        ScheduledTask(name, name, name, DAY, 0, 60, partial(note, name))
        for name in QUICK
    ),
    ScheduledTask(
        "patient", "Patient", "Waits.", DAY, 0, 600, partial(wait, "patient")
    ),
    # Its limit counts from before it is loaded, which takes seconds on a busy machine.
    ScheduledTask("endless", "Endless", "Waits.", DAY, 0, 10, partial(wait, "endless")),
)
