"""Templates as one file: exported, looked at before they come in, and imported."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from templates_app.engine.differences import Difference, differences
from templates_app.engine.errors import Position, SourceError
from templates_app.engine.problems import Problem, error
from templates_app.models import NotificationTemplate
from templates_app.refusals import TemplateInvalid
from templates_app.selectors import templates
from templates_app.services.drafts import TemplateDraft, draft_from
from templates_app.services.saving import save_draft, snapshot_of
from templates_app.services.template_files import MAX_FILE, read_templates
from templates_app.services.validation import validate_template


class Action(StrEnum):
    """What an import does to one template."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class PlannedTemplate:
    """One template of a file: what becomes of it, and why."""

    key: str
    action: Action
    draft: TemplateDraft
    problems: tuple[Problem, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do; it does nothing while one template is refused."""

    templates: tuple[PlannedTemplate, ...]

    @property
    def is_possible(self) -> bool:
        return all(one.action is not Action.REFUSED for one in self.templates)

    def count(self, action: Action) -> int:
        return sum(one.action is action for one in self.templates)


def export_templates(
    keys: Collection[str] | None = None, *, as_yaml: bool = False
) -> str:
    """Write templates into the text of one file; without keys, all that are stored."""
    stored = templates(include_inactive=True)
    chosen = [one for one in stored if keys is None or one.template_key in keys]
    data = {"templates": [_as_data(one) for one in chosen]}
    if as_yaml:
        return str(yaml.dump(data, Dumper=_Writer, allow_unicode=True, sort_keys=False))
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def plan_import(text: str, *, channel_types: Collection[str] = ()) -> ImportPlan:
    """Say what a JSON or YAML file would do, with every problem and difference.

    Raises SourceError for a text that holds no templates.
    """
    file = read_templates(as_json(text))
    stored = {one.template_key: one for one in templates(include_inactive=True)}
    seen: set[str] = set()
    planned = []
    for held in file.templates:
        planned.append(_planned(held.draft, stored, seen, channel_types))
        seen.add(str(held.draft.key))
    return ImportPlan(tuple(planned))


def import_templates(
    plan: ImportPlan, *, author: str, channel_types: Collection[str] = ()
) -> int:
    """Save what a plan adds and changes, all or nothing; return how many.

    Raises TemplateInvalid if one is refused.
    """
    refused = [one for one in plan.templates if one.action is Action.REFUSED]
    if refused:
        raise TemplateInvalid(tuple(p for one in refused for p in one.problems))
    wanted = [one for one in plan.templates if one.action is not Action.SAME]
    with transaction.atomic():
        for one in wanted:
            save_draft(
                one.draft,
                author=author,
                note=_("Imported from a file."),
                channel_types=channel_types,
            )
    return len(wanted)


def as_json(text: str) -> str:
    """Return a JSON or YAML text as JSON; raises SourceError."""
    if text.lstrip()[:1] in ("{", "["):
        return text
    if len(text) > MAX_FILE:
        return text
    try:
        data = yaml.load(text, Loader=_Reader)  # noqa: S506 - a SafeLoader, see below
        return json.dumps(data, ensure_ascii=False)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as cause:
        mark = getattr(cause, "problem_mark", None)
        raise SourceError(
            "file_not_readable",
            _("The file is neither JSON nor YAML that can be read: %(reason)s")
            % {"reason": str(getattr(cause, "problem", "") or cause)[:200]},
            _("Export a template to see the form of a file."),
            Position(mark.line + 1, mark.column + 1) if mark else None,
        ) from cause


class _Reader(yaml.SafeLoader):
    """Reads plain data only; an alias could stand for a bomb."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark = yaml.Mark("", 0, self.line, self.column, None, 0)
            raise yaml.composer.ComposerError(None, None, "it holds an alias", mark)
        return super().compose_node(parent, index)


class _Writer(yaml.SafeDumper):
    """Writes texts of several lines as they read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _write_text)


def _planned(
    draft: TemplateDraft,
    stored: Mapping[str, NotificationTemplate],
    seen: Collection[str],
    channel_types: Collection[str],
) -> PlannedTemplate:
    checked = validate_template(draft, channel_types=channel_types)
    key = str(draft.key)
    if checked.template is None or key in seen:
        twice = (_twice(key),) if key in seen else ()
        problems = (*checked.problems, *twice)
        return PlannedTemplate(key, Action.REFUSED, draft, problems, ())
    present = stored.get(key)
    if present is None:
        return PlannedTemplate(key, Action.ADD, draft, checked.problems, ())
    was = validate_template(draft_from(present), channel_types=channel_types)
    before = snapshot_of(was.template) if was.template else {}
    found = differences(before, snapshot_of(checked.template))
    is_same = not found and _facts(draft) == _facts(draft_from(present))
    action = Action.SAME if is_same else Action.CHANGE
    return PlannedTemplate(key, action, draft, checked.problems, found)


def _facts(draft: TemplateDraft) -> tuple[object, object]:
    return draft.is_active, draft.sample_variables


def _twice(key: str) -> Problem:
    return error(
        "key_twice",
        _("The file holds “%(key)s” twice.") % {"key": key[:100]},
        _("Keep one of them."),
        "/key",
    )


def _as_data(template: NotificationTemplate) -> dict[str, object]:
    draft = draft_from(template)
    return {
        "key": draft.key,
        "name": draft.name,
        "description": draft.description,
        "variables": draft.variables,
        "undefined": draft.undefined,
        "is_active": draft.is_active,
        "sample_variables": draft.sample_variables,
        "contents": draft.contents,
    }
