"""Becomes a command that ends when the process that started it ends.

Run as `launch.py PARENT_ID COMMAND…`: the request to the kernel outlives `exec`,
and made here it needs no code between fork and exec of a program with threads.
"""

import os
import sys

from channels_app.processes.kernel import die_with_parent


def main() -> None:
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - our own commands, no shell


if __name__ == "__main__":
    main()
