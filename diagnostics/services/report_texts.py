"""A health report as texts that leave the admin: Markdown for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from diagnostics.checks.contract import Fact, Figure, Finding
from diagnostics.checks.words import PEOPLE, SEVERITIES, word_of
from diagnostics.models import HealthReport
from diagnostics.services.diagnosis import Diagnosis, diagnosis_of
from diagnostics.services.reports import seen_in


def diagnosis_in(report: HealthReport) -> Diagnosis:
    """Return the steps, findings and the sentence of a stored report."""
    return diagnosis_of(seen_in(report))


def as_json(report: HealthReport) -> dict[str, Any]:
    """Return a report in the shape of `diagnose --json`, with when it was made."""
    about = {
        "made_at": report.started_at.isoformat(),
        "took_ms": report.took_ms,
        "asked_by": report.asked_by,
        "state": report.worst or "healthy",
    }
    return about | diagnosis_in(report).as_dict()


def as_markdown(report: HealthReport) -> str:
    """Return a report as Markdown, in the reader's language."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: HealthReport) -> Iterator[str]:
    diagnosis = diagnosis_in(report)
    made = f"{report.started_at:%Y-%m-%d %H:%M} UTC"
    yield f"# {_('Health report')} {made}"
    yield f"\n{diagnosis.summary}\n"
    if diagnosis.findings:
        yield f"## {_('What to do')}\n"
    for finding in diagnosis.findings:
        yield from _finding_lines(finding)
    yield f"## {_('Figures')}\n"
    for step in diagnosis.steps:
        yield f"### {step.number}. {step.title}\n"
        for seen in step.seen:
            for said in seen.said:
                if isinstance(said, Figure):
                    unit = f" {said.unit}" if said.unit else ""
                    yield f"- {seen.check.title}, {word_of(said.name)}: {said.value:g}{unit}"
                elif isinstance(said, Fact):
                    yield f"- {seen.check.title}, {word_of(said.name)}: {said.value}"
        yield ""


def _finding_lines(finding: Finding) -> Iterator[str]:
    told = finding.as_dict()
    yield f"### {str(SEVERITIES[finding.severity]).upper()}: {told['title']} (`{told['id']}`)\n"
    yield f"{told['cause']}\n"
    yield f"**{_('What to do')}:** {told['remedy']}\n"
    if told["fix_command"]:
        yield f"    {told['fix_command']}\n"
    yield f"{_('Who must act')}: {PEOPLE[finding.kind.who]}. {_('How to verify')}: {told['verify']}\n"
