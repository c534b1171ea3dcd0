"""How a diagnosis looks on a terminal: colours and symbols there, plain elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import OutputWrapper
from django.core.management.color import Style
from django.utils.translation import gettext as _

from diagnostics.checks.contract import Fact, Figure, Finding, Seen, Severity
from diagnostics.checks.registry import CHECKS
from diagnostics.checks.words import PEOPLE, word_of
from diagnostics.services.diagnosis import Diagnosis, StepReport, worst_of

SYMBOLS = {
    None: "✔",
    Severity.INFO: "ℹ",
    Severity.WARNING: "⚠",
    Severity.CRITICAL: "✘",
}
WORDS = {
    None: "ok",
    Severity.INFO: "info",
    Severity.WARNING: "WARNING",
    Severity.CRITICAL: "CRITICAL",
}


class Drawing:
    """Writes to a stream, drawn for a person or plain for a file."""

    def __init__(self, out: OutputWrapper, style: Style, *, is_quiet: bool) -> None:
        self._out = out
        self._style = style
        self._is_terminal = out.isatty() and not is_quiet
        self._done = 0

    def progress(self, seen: Seen) -> None:
        """Say on a terminal how far it is."""
        if not self._is_terminal:
            return
        self._done += 1
        name = str(seen.check.title)[:40]
        self._out.write(f"\r{self._done}/{len(CHECKS)} {name:<40}", ending="")
        self._out.flush()

    def draw(self, diagnosis: Diagnosis) -> None:
        """Write the steps, then the findings, then the sentence."""
        self._wipe()
        for step in diagnosis.steps:
            self._step(step)
        self._end(diagnosis)

    def draw_checks(self, seen: Sequence[Seen], diagnosis: Diagnosis) -> None:
        """Write each check with its outcome, then the findings, then the sentence."""
        self._wipe()
        for one in seen:
            mark = self._mark(worst_of(one.findings))
            self._out.write(f"{mark} {one.check.title}: {_all_said(one)}".rstrip(": "))
        self._end(diagnosis)

    def _end(self, diagnosis: Diagnosis) -> None:
        for finding in diagnosis.findings:
            self._finding(finding)
        self._out.write("")
        self._out.write(self._painted(diagnosis.worst, diagnosis.summary))

    def _wipe(self) -> None:
        if self._is_terminal:
            self._out.write(f"\r{'':<60}\r", ending="")

    def _step(self, step: StepReport) -> None:
        heading = f"{step.number}. {step.title}"
        self._out.write(f"{self._mark(step.worst)} {heading}")
        for seen in step.seen:
            if said := _all_said(seen):
                self._out.write(f"     {seen.check.title}: {said}")

    def _finding(self, finding: Finding) -> None:
        told = finding.as_dict()
        self._out.write("")
        heading = f"{self._mark(finding.severity)} {told['title']} [{finding.id}]"
        self._out.write(self._painted(finding.severity, heading))
        for label, text in (
            (_("Cause"), told["cause"]),
            (_("Evidence"), _evidence(finding)),
            (_("Remedy"), told["remedy"]),
            (_("Who"), str(PEOPLE[finding.kind.who])),
            (_("Command"), told["fix_command"]),
            (_("Then"), told["verify"]),
        ):
            if text:
                self._out.write(f"     {label}: {text}")

    def _mark(self, worst: Severity | None) -> str:
        if self._is_terminal:
            return self._painted(worst, SYMBOLS[worst])
        return f"[{WORDS[worst]}]"

    def _painted(self, worst: Severity | None, text: str) -> str:
        paint = {
            None: self._style.SUCCESS,
            Severity.INFO: self._style.NOTICE,
            Severity.WARNING: self._style.WARNING,
            Severity.CRITICAL: self._style.ERROR,
        }[worst]
        return str(paint(text)) if self._is_terminal else text


def _all_said(seen: Seen) -> str:
    return ", ".join(_said(one) for one in seen.said if not isinstance(one, Finding))


def _said(one: Figure | Fact) -> str:
    if isinstance(one, Fact):
        return f"{word_of(one.name)} {one.value}"
    return f"{word_of(one.name)} {one.value:g}{f' {one.unit}' if one.unit else ''}"


def _evidence(finding: Finding) -> str:
    return ", ".join(f"{name} = {value}" for name, value in finding.evidence.items())
