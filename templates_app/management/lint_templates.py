"""`manage.py templates lint`: validates templates, saves nothing."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from templates_app.engine.problems import Severity
from templates_app.management.files import reading
from templates_app.services.linting import LintedTemplate, lint_stored, lint_text
from templates_app.services.template_files import Finding

HELP = "say all that is wrong with the templates of a file, or with all stored ones"
FOUND_SOMETHING = 1


def add_arguments(parser: ArgumentParser) -> None:
    """Name a file or all."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", metavar="FILE", help="a JSON or YAML file")
    source.add_argument("--all", action="store_true", help="all that are stored")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Report; status 1 if there are errors, 2 if the file cannot be read."""
    file = options["file"]
    linted = lint_stored() if options["all"] else _lint_file(Path(file))
    write = command.stdout.write
    if options["json"]:
        write(json.dumps(_report(linted), ensure_ascii=False, indent=2))
    else:
        for line in _lines(linted, file or ""):
            write(line)
    if _count(linted, Severity.ERROR):
        raise SystemExit(FOUND_SOMETHING)


def _lint_file(path: Path) -> list[LintedTemplate]:
    with reading(str(path)):
        return lint_text(path.read_text(encoding="utf-8"))


def _count(linted: list[LintedTemplate], severity: Severity) -> int:
    return sum(template.count(severity) for template in linted)


def _report(linted: list[LintedTemplate]) -> dict[str, object]:
    rows = [
        {"key": one.key, "problems": [found.as_dict() for found in one.findings]}
        for one in linted
    ]
    return {"templates": rows, "summary": _summary(linted)}


def _summary(linted: list[LintedTemplate]) -> dict[str, int]:
    return {
        "templates": len(linted),
        "errors": _count(linted, Severity.ERROR),
        "warnings": _count(linted, Severity.WARNING),
    }


def _lines(linted: list[LintedTemplate], file: str) -> list[str]:
    found = [_line(one.key, each, file) for one in linted for each in one.findings]
    told = ", ".join(f"{count} {name}" for name, count in _summary(linted).items())
    return [*found, f"{told}."]


def _line(key: str, finding: Finding, file: str) -> str:
    problem = finding.problem
    if finding.in_file is not None:
        place = f"{file}:{finding.in_file.line}:{finding.in_file.column}: {key}"
    else:
        place = f"{file}: {key}" if file else key
    inside = f":{problem.line}:{problem.column or 1}" if problem.line else ""
    return (
        f"{place}{problem.where}{inside}: {problem.severity} {problem.code}: "
        f"{problem.message} {problem.remedy}"
    )
