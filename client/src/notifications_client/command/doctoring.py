"""`notify doctor signature`: without a network, and without ever printing the secret."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from notifications_client.command.output import Output
from notifications_client.command.settings import Settings
from notifications_client.doctor import Diagnosis, diagnose, read_paste
from notifications_client.doctor.comparing import comparison
from notifications_client.words import say

_HIDDEN = "****"


def doctor_signature(
    options: argparse.Namespace, settings: Settings, output: Output
) -> int:
    """Say what is wrong with a pasted request. Raises ValueError, OSError."""
    secret = settings.secret()
    if options.file == "-" and sys.stdin.isatty():
        output.warn(say("Paste the request, then press Ctrl-D."))
    is_piped = options.file == "-"
    pasted = sys.stdin.buffer.read() if is_piped else Path(options.file).read_bytes()
    found = diagnose(read_paste(pasted), secret.strip())
    lines = [line.replace(secret.strip(), _HIDDEN) for line in comparison(found)]
    if output.is_json:
        output.json(_as_json(found, lines))
    else:
        _show(found, lines, output)
    if secret != secret.strip():
        output.warn(
            say(
                "The secret given to the doctor has white space around it; it was "
                "left out."
            )
        )
    return 0 if found.is_good else 1


def _show(found: Diagnosis, lines: list[str], output: Output) -> None:
    if found.is_good:
        output.line(output.paint(say("The signature is right."), "good"))
    for finding in found.findings:
        output.line(f"{output.paint('✗', 'bad')} {finding.sentence}")
    output.line()
    output.line(say("Signature version {version}", version=found.version))
    for line in lines:
        output.line(f"  {line}")


def _as_json(found: Diagnosis, lines: list[str]) -> dict[str, object]:
    return {
        "is_good": found.is_good,
        "signature_version": found.version,
        "findings": [
            {"name": finding.name, "sentence": finding.sentence}
            for finding in found.findings
        ],
        "first_difference": found.first_difference,
        "comparison": lines,
    }
