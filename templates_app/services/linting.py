"""Validates templates without saving them: those of a file, or all that are stored."""

from dataclasses import dataclass

from templates_app.engine.errors import Position
from templates_app.engine.problems import Problem, Severity
from templates_app.formats.registry import FORMATS
from templates_app.selectors import templates
from templates_app.services.drafts import TemplateDraft, draft_from
from templates_app.services.exchange import as_json
from templates_app.services.template_files import PlacesInFile, read_templates
from templates_app.services.validation import validate_template


@dataclass(frozen=True)
class Finding:
    """A problem, and where in the file it is, if there is one."""

    problem: Problem
    in_file: Position | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """Give the shape that goes into a report."""
        place = self.in_file
        return self.problem.as_dict() | {
            "file_line": place.line if place else None,
            "file_column": place.column if place else None,
        }


@dataclass(frozen=True)
class LintedTemplate:
    """A template's key and all that was found."""

    key: str
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Count what is as bad as this."""
        return sum(found.problem.severity is severity for found in self.findings)


def lint_text(text: str) -> list[LintedTemplate]:
    """Validate the templates of a JSON or YAML text; raises SourceError."""
    written = as_json(text)
    file = read_templates(written)
    # Places are known in JSON only: YAML is read through another text.
    places = PlacesInFile(text) if written == text else None
    return [
        LintedTemplate(
            str(held.draft.key or ""),
            tuple(
                Finding(problem, places.of(problem, held) if places else None)
                for problem in _problems(held.draft)
            ),
        )
        for held in file.templates
    ]


def lint_stored() -> list[LintedTemplate]:
    """Validate every stored template as if it were saved again."""
    found = templates(include_inactive=True)
    return [
        LintedTemplate(
            template.template_key,
            tuple(Finding(problem) for problem in _problems(draft_from(template))),
        )
        for template in found
    ]


def _problems(draft: TemplateDraft) -> tuple[Problem, ...]:
    return validate_template(draft, channel_types=tuple(FORMATS)).problems
