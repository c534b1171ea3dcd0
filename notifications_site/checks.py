"""System checks of the settings: the same findings that stop every start."""

from typing import Any

from django.core.checks import CheckMessage, Error

from notifications_site.environment import ENVIRONMENT


def check_settings(**options: Any) -> list[CheckMessage]:
    """Report each wrong value in the environment, with the way to a good one."""
    return [
        Error(
            f"{problem.name}: {problem.message}",
            hint=problem.remedy,
            id=problem.check_id,
        )
        for problem in ENVIRONMENT.problems
    ]
