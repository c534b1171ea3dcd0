"""What the page of one health report shows, put together for its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from diagnostics.checks.contract import Fact, Figure, Finding, Severity
from diagnostics.checks.words import PEOPLE, SEVERITIES, word_of
from diagnostics.models import HealthReport
from diagnostics.services.charts import Chart, chart
from diagnostics.services.diagnosis import StepReport
from diagnostics.services.report_texts import diagnosis_in
from diagnostics.services.reports import Point, compared, report_before, trends

TREND_REPORTS = 48
LOOKS: Mapping[str | None, str] = {
    None: "good",
    "": "good",
    Severity.INFO.value: "good",
    Severity.WARNING.value: "warn",
    Severity.CRITICAL.value: "bad",
}

Lines = Mapping[str, Sequence[Point]]


@dataclass(frozen=True)
class ShownFinding:
    """A finding in the reader's language, with the page that helps, if there is one."""

    told: dict[str, Any]
    severity: str
    who: str
    link: str

    @property
    def title(self) -> str:
        return str(self.told["title"])

    @property
    def evidence(self) -> list[Fact]:
        return [Fact(name, str(value)) for name, value in self.told["evidence"].items()]


@dataclass(frozen=True)
class ShownRow:
    """One figure or fact of one check."""

    check: str
    name: str
    value: str
    chart: Chart | None


@dataclass(frozen=True)
class ShownStep:
    """One of the six steps."""

    number: int
    title: str
    look: str
    rows: tuple[ShownRow, ...]


def contents(report: HealthReport) -> dict[str, Any]:
    """Return what the template needs of a finished report: three queries."""
    diagnosis = diagnosis_in(report)
    before = report_before(report)
    change = compared(report, before) if before else None
    lines = _lines(report)
    return {
        "summary": diagnosis.summary,
        "look": LOOKS[report.worst],
        "findings": _shown(diagnosis.findings),
        "before": before,
        "news": _shown(change.new) if change else (),
        "worse": _shown(change.worse) if change else (),
        "gone": _shown(change.gone) if change else (),
        "steps": [_step(step, lines) for step in diagnosis.steps],
    }


def _shown(findings: Sequence[Finding]) -> tuple[ShownFinding, ...]:
    return tuple(
        ShownFinding(
            told=finding.as_dict(),
            severity=str(SEVERITIES[finding.severity]),
            who=str(PEOPLE[finding.kind.who]),
            link=_link(finding.kind.page),
        )
        for finding in findings
    )


def _link(page: str) -> str:
    try:
        return reverse(page) if page else ""
    except NoReverseMatch:
        # A stored report may name a page that this version does not have.
        return ""


def _lines(report: HealthReport) -> Lines:
    upto = HealthReport.objects.filter(pk__lte=report.pk, finished_at__isnull=False)
    return trends(list(upto.order_by("-pk")[:TREND_REPORTS]))


def _step(step: StepReport, lines: Lines) -> ShownStep:
    look = LOOKS[step.worst.value if step.worst else None]
    return ShownStep(step.number, step.title, look, tuple(_rows(step, lines)))


def _rows(step: StepReport, lines: Lines) -> Iterator[ShownRow]:
    for seen in step.seen:
        title = str(seen.check.title)
        for said in seen.said:
            if isinstance(said, Fact):
                yield ShownRow(title, word_of(said.name), said.value, None)
            elif isinstance(said, Figure):
                points = lines.get(f"{seen.check.name}.{said.name}", ())
                drawn = chart([point.value for point in points])
                yield ShownRow(title, word_of(said.name), _value(said), drawn)


def _value(figure: Figure) -> str:
    return f"{figure.value:g} {figure.unit}".rstrip()
