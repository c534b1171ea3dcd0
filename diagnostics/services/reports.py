"""Health reports: made, kept, compared with the one before, forgotten after a week."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from channels_app.services.operators import tell_users
from diagnostics.checks.contract import Finding, Seen, Severity
from diagnostics.checks.registry import CHECKS
from diagnostics.models import HealthReport
from diagnostics.services.diagnosis import ranked, sentence_of, worst_of
from diagnostics.services.examination import examine
from diagnostics.services.report_rows import row_of, seen_of

logger = logging.getLogger(__name__)

KEPT_DAYS = 7
_GRAVEST_LAST = list(reversed(Severity))


@dataclass(frozen=True)
class Comparison:
    """What changed between two reports."""

    new: tuple[Finding, ...]
    worse: tuple[Finding, ...]
    gone: tuple[Finding, ...]


@dataclass(frozen=True)
class Point:
    """One figure in one report."""

    at: str
    value: float


def begin_report(asked_by: str = "") -> HealthReport:
    """Store a report that has seen nothing yet; `fill_report` does the work."""
    return HealthReport.objects.create(
        started_at=Now(), asked_by=asked_by, total=len(CHECKS)
    )


def fill_report(report: HealthReport) -> HealthReport:
    """Run all checks into a report, telling people what is newly critical.

    What each check saw is stored as it ends, so that a page can follow.
    """
    rows = HealthReport.objects.filter(pk=report.pk)
    body = []

    def keep(seen: Seen) -> None:
        body.append(row_of(seen))
        rows.update(body=body)

    examination = examine(on_seen=keep)
    findings = examination.findings
    counts = Counter(finding.severity for finding in findings)
    rows.update(
        body=[row_of(seen) for seen in examination.seen],
        finished_at=Now(),
        took_ms=round(examination.took_ms),
        worst=worst_of(findings) or "",
        critical=counts[Severity.CRITICAL],
        warnings=counts[Severity.WARNING],
        infos=counts[Severity.INFO],
        told=_tell(report, findings),
    )
    report.refresh_from_db()
    return report


def make_report(asked_by: str = "") -> HealthReport:
    """Make a whole report now."""
    return fill_report(begin_report(asked_by))


def last_report() -> HealthReport | None:
    """Return the newest finished report."""
    finished = HealthReport.objects.filter(finished_at__isnull=False)
    return finished.order_by("-pk").first()


def report_before(report: HealthReport) -> HealthReport | None:
    """Return the finished report before this one."""
    earlier = HealthReport.objects.filter(pk__lt=report.pk, finished_at__isnull=False)
    return earlier.order_by("-pk").first()


def seen_in(report: HealthReport) -> tuple[Seen, ...]:
    """Return what the checks of a report saw."""
    return tuple(map(seen_of, report.body))


def findings_in(report: HealthReport) -> tuple[Finding, ...]:
    """Return a report's findings, the worst first."""
    return ranked(finding for seen in seen_in(report) for finding in seen.findings)


def compared(new: HealthReport, old: HealthReport) -> Comparison:
    """Return what is new, worse and gone since an older report."""
    now = {finding.key: finding for finding in findings_in(new)}
    then = {finding.key: finding for finding in findings_in(old)}
    return Comparison(
        new=tuple(one for key, one in now.items() if key not in then),
        worse=tuple(
            one
            for key, one in now.items()
            if key in then and _grade(one) > _grade(then[key])
        ),
        gone=tuple(one for key, one in then.items() if key not in now),
    )


def _grade(finding: Finding) -> int:
    return _GRAVEST_LAST.index(finding.severity)


def trends(reports: list[HealthReport]) -> dict[str, list[Point]]:
    """Return each figure over reports, the oldest first: `check.figure` to points."""
    lines: dict[str, list[Point]] = {}
    for report in reversed(reports):
        at = report.started_at.isoformat()
        for row in report.body:
            for figure in row["figures"]:
                name = f"{row['check']}.{figure['name']}"
                lines.setdefault(name, []).append(Point(at, figure["value"]))
    return lines


def prune_reports() -> int:
    """Delete the reports that are older than KEPT_DAYS."""
    old = Now() - timedelta(days=KEPT_DAYS)
    gone, _by_model = HealthReport.objects.filter(started_at__lt=old).delete()
    return gone


def _tell(report: HealthReport, findings: list[Finding]) -> list[list[str]]:
    """Notify people of what is critical and was not yet told; return what is told now."""
    critical = [one for one in findings if one.severity is Severity.CRITICAL]
    before = report_before(report)
    told = {tuple(key) for key in before.told} if before else set()
    news = [finding for finding in critical if finding.key not in told]
    if news:
        text = "\n\n".join(_as_text(finding) for finding in news)
        subject = sentence_of(news, report.total)
        key = f"health-report-{report.pk}"
        tell_users(settings.HEALTH_REPORT_USERS, subject, text, key=key)
    return [list(finding.key) for finding in critical]


def _as_text(finding: Finding) -> str:
    told = finding.as_dict()
    lines = [told["title"], told["cause"], told["remedy"], told["fix_command"]]
    return "\n".join(line for line in lines if line)
