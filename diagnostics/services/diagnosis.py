"""What an examination means: the six steps, the findings ranked, one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from diagnostics.checks.contract import Fact, Figure, Finding, Seen, Severity, Step

STEP_TITLES: dict[Step, StrOrPromise] = {
    Step.API: gettext_lazy("API and content"),
    Step.DATABASE: gettext_lazy("Database"),
    Step.ERRORS: gettext_lazy("Recent errors"),
    Step.QUEUE: gettext_lazy("Queue"),
    Step.PERFORMANCE: gettext_lazy("Performance"),
    Step.RESOURCES: gettext_lazy("Resources"),
}
_WORST_FIRST = list(Severity)


@dataclass(frozen=True)
class StepReport:
    """One of the six steps: what its checks saw."""

    number: int
    step: Step
    seen: tuple[Seen, ...]

    @property
    def title(self) -> str:
        return str(STEP_TITLES[self.step])

    @property
    def worst(self) -> Severity | None:
        """The gravest severity found in this step, None for none."""
        found = [finding for seen in self.seen for finding in seen.findings]
        return worst_of(found)

    def as_dict(self) -> dict[str, Any]:
        """Give the shape that `diagnose --json` prints."""
        said = [(seen, one) for seen in self.seen for one in seen.said]
        return {
            "number": self.number,
            "name": self.step.value,
            "title": self.title,
            "state": self.worst.value if self.worst else "ok",
            "figures": {
                f"{seen.check.name}.{one.name}": one.value
                for seen, one in said
                if isinstance(one, Figure)
            },
            "facts": {
                f"{seen.check.name}.{one.name}": one.value
                for seen, one in said
                if isinstance(one, Fact)
            },
        }


@dataclass(frozen=True)
class Diagnosis:
    """Steps, findings (the worst first) and a sentence."""

    steps: tuple[StepReport, ...]
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Severity | None:
        return worst_of(self.findings)

    @property
    def is_anything_to_do(self) -> bool:
        return any(one.severity is not Severity.INFO for one in self.findings)

    @property
    def summary(self) -> str:
        """How the system is, in one sentence, and what to do first."""
        return sentence_of(self.findings, sum(len(step.seen) for step in self.steps))

    def as_dict(self) -> dict[str, Any]:
        """Give the shape that `diagnose --json` prints."""
        return {
            "steps": [step.as_dict() for step in self.steps],
            "findings": [finding.as_dict() for finding in self.findings],
            "summary": self.summary,
        }


def diagnosis_of(seen: Sequence[Seen]) -> Diagnosis:
    """Put what checks saw in order."""
    steps = tuple(
        StepReport(number, step, tuple(one for one in seen if one.check.step is step))
        for number, step in enumerate(Step, start=1)
    )
    return Diagnosis(steps, ranked(finding for one in seen for finding in one.findings))


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first; those alike stay in their order."""
    return tuple(sorted(findings, key=lambda one: _WORST_FIRST.index(one.severity)))


def worst_of(findings: Iterable[Finding]) -> Severity | None:
    """Return the gravest severity among findings; None where there are none."""
    return min(
        (finding.severity for finding in findings),
        key=_WORST_FIRST.index,
        default=None,
    )


def sentence_of(findings: Sequence[Finding], checks: int) -> str:
    """Say in one sentence how it is; `findings` come with the worst first."""
    counts = Counter(finding.severity for finding in findings)
    if not counts[Severity.CRITICAL] and not counts[Severity.WARNING]:
        said = _("All is well: %(checks)d checks found nothing that has to be done.")
        return said % {"checks": checks}
    first = findings[0]
    critical, warnings = counts[Severity.CRITICAL], counts[Severity.WARNING]
    words = (
        ngettext("%d critical finding", "%d critical findings", critical) % critical,
        ngettext("%d warning", "%d warnings", warnings) % warnings,
    )
    return _("%(critical)s and %(warnings)s; see to this first: %(title)s") % {
        "critical": words[0],
        "warnings": words[1],
        "title": first.told(first.kind.title),
    }
