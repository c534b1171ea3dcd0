#!/usr/bin/env python
"""Run a management command, once the environment is known to be sound."""

import os
import sys

COMMANDS_THAT_REPORT_PROBLEMS = {"check", "check_environment", "help", "--help"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications_site.settings")
    from notifications_site import environment

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in COMMANDS_THAT_REPORT_PROBLEMS:
        environment.stop_on_problems()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
