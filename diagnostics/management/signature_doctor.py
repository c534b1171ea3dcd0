"""`manage.py doctor signature`: why a request's signature is refused."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from channels_app.selectors.clients import active_clients
from channels_app.services.signatures.comparison import Side
from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.doctor import (
    SignatureDiagnosis,
    examine_signature,
)
from channels_app.services.signatures.pasted import NotARequestError
from diagnostics.management.steps import draw_steps, step_dict

FOUND_SOMETHING = 1
CANNOT_RUN = 2
HELP = (
    "Examine a request (raw HTTP or curl) step by step: which known mistake its "
    "signature has, and where the signed message parts from the right one. Sends "
    "nothing, prints no secret."
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--file", help="the request; without it, standard input")
    parser.add_argument("--client", default="", help="name or key id of the API client")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    try:
        request = read_request(_pasted(options["file"]))
    except NotARequestError as error:
        raise CommandError(str(error), returncode=CANNOT_RUN) from error
    found = examine_signature(request, key_id=_key_id(options["client"]))
    if options["json"]:
        command.stdout.write(json.dumps(_as_dict(found), ensure_ascii=False))
    else:
        _draw(command, found)
    if not found.is_good:
        raise SystemExit(FOUND_SOMETHING)


def _pasted(file: str | None) -> str:
    try:
        raw = Path(file).read_bytes() if file else sys.stdin.buffer.read()
    except OSError as error:
        raise CommandError(str(error), returncode=CANNOT_RUN) from error
    return raw.decode("utf-8", "surrogateescape")


def _key_id(named: str) -> str:
    """Return the key id of the client that a person names."""
    clients = active_clients()
    if not named or any(named == key_id for key_id, _name in clients):
        return named
    found = [key_id for key_id, name in clients if name.casefold() == named.casefold()]
    if len(found) == 1:
        return found[0]
    text = (
        _("Several active API clients are called “%(name)s”: give the key id.")
        if found
        else _("No active API client is called “%(name)s”.")
    )
    raise CommandError(text % {"name": named}, returncode=CANNOT_RUN)


def _draw(command: BaseCommand, found: SignatureDiagnosis) -> None:
    out, compared = command.stdout, found.comparison
    out.write(found.request_line)
    draw_steps(out, found.steps)
    out.write("")
    out.write(f"{_('Must be signed')}:\n    {compared.right.text}")
    if compared.wrong:
        out.write(f"{_('Was signed')}:\n    {compared.wrong.text}")
    out.write(compared.sentence)


def _as_dict(found: SignatureDiagnosis) -> dict[str, object]:
    compared = found.comparison
    return {
        "good": found.is_good,
        "mistake": found.mistake or None,
        "request": found.request_line,
        "version": found.version,
        "key_id": found.key_id,
        "steps": [step_dict(step) for step in found.steps],
        "must_be_signed": _side(compared.right),
        "was_signed": _side(compared.wrong) if compared.wrong else None,
        "first_difference": compared.at,
    }


def _side(side: Side) -> dict[str, object]:
    return {"text": side.text, "bytes": side.length}
