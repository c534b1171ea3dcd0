"""Validates templates without saving them: those of a file, or all that are stored."""

from collections.abc import Iterator
from dataclasses import dataclass

from templates_app.engine.problems import Problem, Severity
from templates_app.formats.registry import FORMATS
from templates_app.selectors import templates
from templates_app.services.drafts import TemplateDraft, draft_from
from templates_app.services.template_files import Finding, read_templates
from templates_app.services.validation import validate_template

PAGE = 100


@dataclass(frozen=True)
class LintedTemplate:
    """A template's key and all that was found."""

    key: str
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> list[Problem]:
        """What keeps the template from being saved as it is."""
        problems = [found.problem for found in self.findings]
        return [problem for problem in problems if problem.severity is Severity.ERROR]

    def count(self, severity: Severity) -> int:
        """Count what is as bad as this."""
        return sum(found.problem.severity is severity for found in self.findings)


def lint_text(text: str) -> list[LintedTemplate]:
    """Validate the templates of a JSON or YAML text; raises SourceError."""
    file = read_templates(text)
    return [
        LintedTemplate(
            str(held.draft.key or ""),
            tuple(file.finding(problem, held) for problem in _problems(held.draft)),
        )
        for held in file.templates
    ]


def lint_stored(*, include_inactive: bool = True) -> list[LintedTemplate]:
    """Validate every stored template as if it were saved again."""
    return list(lint_stored_in_turn(include_inactive=include_inactive))


def lint_stored_in_turn(*, include_inactive: bool = True) -> Iterator[LintedTemplate]:
    """Validate every stored template, with a page of them in memory at a time."""
    offset = 0
    while page := templates(
        include_inactive=include_inactive, limit=PAGE, offset=offset
    ):
        for template in page:
            problems = _problems(draft_from(template))
            findings = tuple(Finding(problem) for problem in problems)
            yield LintedTemplate(template.template_key, findings)
        offset += PAGE


def _problems(draft: TemplateDraft) -> tuple[Problem, ...]:
    return validate_template(draft, channel_types=tuple(FORMATS)).problems
