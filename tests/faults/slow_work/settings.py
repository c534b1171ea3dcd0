"""The product's settings, with a test's scheduled tasks beside its own."""

from notifications_site.settings import *  # noqa: F403, TID251
from notifications_site.settings import SCHEDULED_TASKS as _SCHEDULED_TASKS  # noqa: TID251

SCHEDULED_TASKS = [*_SCHEDULED_TASKS, "tests.faults.slow_work.tasks.TASKS"]
