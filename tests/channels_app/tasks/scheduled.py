"""Scheduled tasks for tests: one that works, one that fails."""

from channels_app.selectors.schedules import ScheduledTask


def work() -> str:
    return "3 things done."


def fail() -> str:
    raise OSError("no space left")


TASKS = (
    ScheduledTask("works", "Works", "It works.", 3600, 0, 30, work),
    ScheduledTask("fails", "Fails", "It fails.", 86400, 11700, 30, fail),
)
