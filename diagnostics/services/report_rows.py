"""How what a check saw is kept in a report, and read again in any language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from diagnostics.checks.contract import (
    Check,
    Fact,
    Figure,
    Finding,
    FindingKind,
    Said,
    Seen,
    Severity,
    Step,
    Who,
)
from diagnostics.checks.registry import CHECKS, KINDS

Row = dict[str, Any]

# What a report of another version of this product names and this one does not know.
FORGOTTEN = FindingKind(
    id="check.forgotten",
    severity=Severity.INFO,
    who=Who.NOBODY,
    title=_("Something another version of this product found."),
    cause=_("This version does not know it; the evidence shows its id."),
    remedy=_("Make a new report."),
    verify=_("The new report does not name it."),
    fix_command="manage.py diagnose",
)


def row_of(seen: Seen) -> Row:
    """Return what is kept of a check: no texts but those of facts and evidence."""
    return {
        "check": seen.check.name,
        "step": seen.check.step.value,
        "took_ms": seen.took_ms,
        "problem": seen.problem,
        "figures": [
            {"name": one.name, "value": one.value, "unit": one.unit}
            for one in seen.said
            if isinstance(one, Figure)
        ],
        "facts": {one.name: one.value for one in seen.said if isinstance(one, Fact)},
        "findings": [finding_row(finding) for finding in seen.findings],
    }


def finding_row(finding: Finding) -> Row:
    """Return what is kept of a finding."""
    return {
        "id": finding.id,
        "about": finding.about,
        "severity": finding.severity.value,
        "evidence": dict(finding.evidence),
    }


def seen_of(row: Mapping[str, Any]) -> Seen:
    """Return what a check saw, as it is kept."""
    said: list[Said] = [Figure(**figure) for figure in row["figures"]]
    said += [Fact(name, value) for name, value in row["facts"].items()]
    said += [finding_of(each) for each in row["findings"]]
    return Seen(_check_of(row), tuple(said), row["took_ms"], row["problem"])


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Return a finding as it is kept; one of an unknown kind says so."""
    severity = Severity(row["severity"])
    kind = KINDS.get(row["id"])
    if kind is None:
        evidence = {**row["evidence"], "id": row["id"]}
        return FORGOTTEN.found(row["about"], severity=severity, **evidence)
    return kind.found(row["about"], severity=severity, **row["evidence"])


def _check_of(row: Mapping[str, Any]) -> Check:
    known = CHECKS.get(row["check"])
    return known or Check(row["check"], Step(row["step"]), row["check"], tuple)
