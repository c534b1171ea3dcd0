"""The command line of `notify`: its commands and their options."""

from __future__ import annotations

import argparse

from notifications_client.answers import SETTLED
from notifications_client.command.values import moment
from notifications_client.version import VERSION
from notifications_client.words import say

STATUSES = ("pending", "sending", "retrying", *sorted(SETTLED))
PRIORITIES = ("low", "normal", "high")
SHELLS = ("bash", "zsh", "fish")


def notify_parser() -> argparse.ArgumentParser:
    """Return the parser; `command` and `topic` are what was chosen."""
    parser = argparse.ArgumentParser(
        prog="notify",
        description=say("Send notifications, and see what became of them."),
    )
    parser.add_argument("--version", action="version", version=f"notify {VERSION}")
    commands = parser.add_subparsers(
        dest="command", metavar=say("COMMAND"), required=True
    )
    for name, description, add in (
        ("send", say("send a notification"), _send),
        ("logs", say("list deliveries, newest first"), _logs),
        ("explain", say("say why a delivery is where it is, and what to do"), _explain),
        ("health", say("ask how the service is"), _health),
        ("doctor", say("find out what is wrong with a request"), _doctor),
        ("completion", say("print the completions for a shell"), _completion),
    ):
        add(commands.add_parser(name, help=description, description=description))
    return parser


def _connection(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group(say("which service"))
    where.add_argument("--url", help=say("its address ($NOTIFY_URL)"))
    _secret(where)
    where.add_argument("--key-id", help=say("the API client's key id ($NOTIFY_KEY_ID)"))
    where.add_argument(
        "--signature-version", choices=("1", "2"), help=say("how to sign (2)")
    )
    _json(parser)


def _secret(where: argparse._ArgumentGroup) -> None:
    where.add_argument(
        "--secret-file",
        metavar=say("FILE"),
        help=say("a file with the secret (or $NOTIFY_SECRET)"),
    )
    where.add_argument(
        "--profile", help=say("a section of the settings file ($NOTIFY_PROFILE)")
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("print JSON"))


def _send(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", help=say("who gets it"))
    parser.add_argument(
        "content", nargs="?", help=say("the text; - reads it from standard input")
    )
    add = parser.add_argument
    add("--subject", help=say("its subject"))
    add("--channel", action="append", help=say("a channel; may be repeated"))
    add("--template", help=say("the key of a template, in place of a text"))
    add(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=say("a value for the template; may be repeated"),
    )
    add("--vars", metavar="JSON", help=say("all values for the template, as an object"))
    add("--metadata", metavar="JSON", help=say("an object that is kept with the log"))
    add("--priority", choices=PRIORITIES, help=say("how soon it gets its turn"))
    add("--send-at", type=moment, metavar=say("TIME"), help=say("not before that"))
    add("--expires-at", type=moment, metavar=say("TIME"), help=say("not after that"))
    add("--idempotency-key", metavar="KEY", help=say("the same key sends only once"))
    add(
        "--dedupe-key", metavar="KEY", help=say("the same key in the window sends once")
    )
    add("--dedupe-window", type=int, metavar=say("SECONDS"), help=say("that window"))
    add("--ordering-key", metavar="KEY", help=say("the same key keeps the order"))
    add(
        "--wait",
        nargs="?",
        type=float,
        const=60.0,
        metavar=say("SECONDS"),
        help=say("wait until it is settled (60 s)"),
    )
    add(
        "--dry-run",
        action="store_true",
        help=say("say what would be done; send nothing"),
    )
    _connection(parser)


def _logs(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--user", help=say("of this user only"))
    add("--channel", help=say("of this channel only"))
    add("--status", choices=STATUSES, help=say("in this state only"))
    add("--template", help=say("of this template only"))
    add("--since", type=moment, metavar=say("TIME"), help=say("not before that"))
    add("--until", type=moment, metavar=say("TIME"), help=say("not after that"))
    add("--limit", type=int, default=20, help=say("how many at most (20); 0 for all"))
    _connection(parser)


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message_id", help=say("the message id that `send` printed"))
    _connection(parser)


def _health(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detailed", action="store_true", help=say("show all details"))
    _connection(parser)


def _doctor(parser: argparse.ArgumentParser) -> None:
    topics = parser.add_subparsers(dest="topic", metavar=say("TOPIC"), required=True)
    description = say(
        "Say what is wrong with the signature of a request. The request is pasted as raw "
        "HTTP or as a curl command; nothing is sent anywhere."
    )
    signature = topics.add_parser(
        "signature", help=description, description=description
    )
    signature.add_argument(
        "file",
        nargs="?",
        default="-",
        help=say("a file with the request; - is standard input"),
    )
    _secret(signature.add_argument_group(say("which secret")))
    _json(signature)


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)
