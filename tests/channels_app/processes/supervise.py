"""A program that supervises Python one-liners, for the tests to signal and to kill.

Run as `supervise.py NAME=CODE…`; children write their process ids to files in the
folder that the environment names.
"""

import os
import sys

from channels_app.processes.child import Command
from channels_app.processes.output import standard_printer
from channels_app.processes.supervisor import Stopping, Supervisor


def main() -> None:
    grace = float(os.environ.get("GRACE_SECONDS", "10"))
    supervisor = Supervisor(
        standard_printer(), name="test", stopping=Stopping(grace_seconds=grace)
    )
    for argument in sys.argv[1:]:
        name, _, code = argument.partition("=")
        command = (sys.executable, "-c", code)
        supervisor.add(Command(name, command, os.environ, restarts=name != "once"))
    supervisor.run()


if __name__ == "__main__":
    main()
