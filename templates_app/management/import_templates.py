"""`manage.py templates import`: a file's templates, looked at first, saved all or none."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from templates_app.engine.differences import Difference
from templates_app.formats.registry import FORMATS
from templates_app.management.files import reading
from templates_app.services.exchange import (
    Action,
    ImportPlan,
    PlannedTemplate,
    import_templates,
    plan_import,
)
from templates_app.services.starters import LANGUAGES, starter_text

HELP = "save the templates of a JSON or YAML file, or the starters, as new versions"
REFUSED = 1


def add_arguments(parser: ArgumentParser) -> None:
    """Name a file or a language of the starters."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", metavar="FILE", help="a JSON or YAML file")
    source.add_argument(
        "--starters", choices=LANGUAGES, help="the good examples that come with this"
    )
    parser.add_argument("--dry-run", action="store_true", help="show it, save nothing")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Import; status 1 if a template is refused, 2 if the file cannot be read."""
    plan = _plan(options)
    write = command.stdout.write
    if options["json"]:
        write(json.dumps(_report(plan), ensure_ascii=False, indent=2))
    else:
        name = options["file"] or "starters"
        for one in plan.templates:
            for line in _lines(one, name):
                write(line)
        write(_summary(plan, is_dry=options["dry_run"]))
    if not plan.is_possible:
        raise SystemExit(REFUSED)
    if not options["dry_run"]:
        import_templates(plan, author="manage.py", channel_types=FORMATS)


def _plan(options: dict[str, Any]) -> ImportPlan:
    language = options["starters"]
    with reading(options["file"] or f"starters {language}"):
        text = (
            starter_text(language)
            if language
            else Path(options["file"]).read_text(encoding="utf-8")
        )
        return plan_import(text, channel_types=FORMATS)


def _lines(one: PlannedTemplate, file: str) -> Iterator[str]:
    yield f"{one.action:8} {one.key}"
    for difference in one.differences:
        yield from _changes(difference)
    for found in one.findings:
        problem, at = found.problem, found.in_file
        place = f"{file}:{at.line}:{at.column or 1}: " if at else ""
        inside = f":{problem.line}:{problem.column or 1}" if problem.line else ""
        yield (
            f"    {place}{problem.severity} {problem.where}{inside}: "
            f"{problem.message} {problem.remedy}"
        )


def _changes(difference: Difference) -> Iterator[str]:
    yield f"    {difference.channel or 'template'} {difference.field}"
    for row in difference.rows:
        if row.kind == "same":
            continue
        if row.before_no:
            yield f"      - {row.before}"
        if row.after_no:
            yield f"      + {row.after}"


def _summary(plan: ImportPlan, *, is_dry: bool) -> str:
    figures = ", ".join(f"{plan.count(action)} {action}" for action in Action)
    if not plan.is_possible:
        return f"{figures}. Nothing is saved while one is refused."
    return f"{figures}. Nothing was saved: a dry run." if is_dry else f"{figures}."


def _report(plan: ImportPlan) -> dict[str, object]:
    rows = [
        {
            "key": one.key,
            "action": one.action.value,
            "problems": [found.as_dict() for found in one.findings],
            "changed": [f"{d.channel}/{d.field}".strip("/") for d in one.differences],
        }
        for one in plan.templates
    ]
    return {"templates": rows, "possible": plan.is_possible}
