"""The command `notify`: status 0 is good, 1 found something, 2 could not run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from notifications_client.command import actions
from notifications_client.command.completion import completion
from notifications_client.command.doctoring import doctor_signature
from notifications_client.command.output import Output
from notifications_client.command.parser import notify_parser
from notifications_client.command.settings import settings_of
from notifications_client.errors import NotificationError, NotSettledError, RefusedError

GOOD, FOUND, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130
_ACTIONS = {
    "send": actions.send,
    "logs": actions.logs,
    "explain": actions.explain,
    "health": actions.health,
}


def run() -> None:
    """Be the program `notify`."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Do what a command line says, and return the exit status."""
    parser = notify_parser()
    options = parser.parse_args(arguments)
    output = Output(is_json=getattr(options, "json", False))
    try:
        if options.command == "completion":
            output.line(completion(parser, options.shell))
            sys.stdout.flush()
            return GOOD
        return _done(options, output)
    except NotificationError as error:
        output.error(str(error), code=error.code, hint=error.hint, status=error.status)
        is_answer = isinstance(error, (RefusedError, NotSettledError))
        return FOUND if is_answer else COULD_NOT_RUN
    except BrokenPipeError:
        # Whoever read the output has enough; Python must not complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except (ValueError, OSError) as error:
        output.error(str(error))
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED


def _done(options: argparse.Namespace, output: Output) -> int:
    settings = settings_of(options)
    if settings.warning:
        output.warn(settings.warning)
    if options.command == "doctor":
        return doctor_signature(options, settings, output)
    with settings.client() as client:
        status = _ACTIONS[options.command](options, client, output)
    sys.stdout.flush()
    return status
