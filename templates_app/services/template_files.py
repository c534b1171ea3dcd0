"""Reads templates from a JSON or YAML file: one, a list, or {"templates": […]}."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from templates_app.engine.errors import Position, SourceError
from templates_app.engine.json_content import read_json
from templates_app.engine.json_places import JsonPlaces, Path
from templates_app.engine.problems import Problem
from templates_app.models import UndefinedPolicy
from templates_app.services.drafts import TemplateDraft
from templates_app.services.yaml_files import YamlPlaces, yaml_as_json

MAX_FILE = 5_000_000


@dataclass(frozen=True)
class FileTemplate:
    """A template as a file has it, and where in the file it stands."""

    draft: TemplateDraft
    path: Path


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
class TemplateFile:
    """The text of a file and the templates in it."""

    text: str
    templates: tuple[FileTemplate, ...]

    def finding(self, problem: Problem, held: FileTemplate) -> Finding:
        """Say where in the file a problem of one of its templates is."""
        base = "".join(f"/{step}" for step in held.path)
        source = _source_of(problem, held.draft)
        if problem.line is None or source is None:
            return Finding(problem, self._places.of_pointer(base + problem.where))
        path = (*held.path, "contents", str(problem.channel), problem.field)
        at = Position(problem.line, problem.column)
        return Finding(problem, self._places.inside(path, source, at))

    @cached_property
    def _places(self) -> JsonPlaces | YamlPlaces:
        return JsonPlaces(self.text) if _is_json(self.text) else YamlPlaces(self.text)


def read_templates(text: str) -> TemplateFile:
    """Read the templates of a JSON or YAML file; raises SourceError."""
    if len(text) > MAX_FILE:
        raise SourceError(
            "file_too_large",
            _("The file has more than %(limit)d characters.") % {"limit": MAX_FILE},
            _("Split it into several files."),
        )
    data = read_json(text if _is_json(text) else yaml_as_json(text))
    held = data.get("templates", data) if isinstance(data, dict) else data
    base: Path = ("templates",) if held is not data else ()
    if isinstance(held, list):
        items = tuple(_held(item, (*base, n)) for n, item in enumerate(held))
        return TemplateFile(text, items)
    return TemplateFile(text, (_held(held, base),))


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _held(item: object, path: Path) -> FileTemplate:
    if not isinstance(item, Mapping):
        raise SourceError(
            "file_holds_no_templates",
            _("The file holds something that is no template."),
            _('Write {"templates": [{"key": …, "name": …, "contents": {…}}]}.'),
        )
    fields: Mapping[str, object] = item
    draft = TemplateDraft(
        key=fields.get("key", fields.get("template_key")),
        name=fields.get("name", fields.get("template_name")),
        contents=fields.get("contents"),
        description=fields.get("description") or "",
        variables=fields.get("variables", []),
        undefined=fields.get("undefined", UndefinedPolicy.KEEP.value),
        is_active=fields.get("is_active") is not False,
        sample_variables=fields.get("sample_variables", {}),
    )
    return FileTemplate(draft, path)


def _source_of(problem: Problem, draft: TemplateDraft) -> str | None:
    """Give the text that the problem's line counts in, if the file has it as a text."""
    if problem.channel is None or not isinstance(draft.contents, Mapping):
        return None
    content = draft.contents.get(problem.channel)
    source = content.get(problem.field) if isinstance(content, Mapping) else None
    return source if isinstance(source, str) else None
