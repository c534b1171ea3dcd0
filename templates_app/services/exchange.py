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
from templates_app.engine.problems import Problem, error
from templates_app.models import NotificationTemplate
from templates_app.refusals import TemplateInvalid
from templates_app.selectors import templates
from templates_app.services.drafts import TemplateDraft, draft_from
from templates_app.services.saving import save_draft, snapshot_of
from templates_app.services.template_files import (
    FileTemplate,
    Finding,
    TemplateFile,
    read_templates,
)
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
    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(found.problem for found in self.findings)


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
    file = read_templates(text)
    stored = {one.template_key: one for one in templates(include_inactive=True)}
    seen: set[str] = set()
    planned = []
    for held in file.templates:
        planned.append(_planned(file, held, stored, seen, channel_types))
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


class _Writer(yaml.SafeDumper):
    """Writes texts of several lines as they read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _write_text)


def _planned(
    file: TemplateFile,
    held: FileTemplate,
    stored: Mapping[str, NotificationTemplate],
    seen: Collection[str],
    channel_types: Collection[str],
) -> PlannedTemplate:
    draft = held.draft
    checked = validate_template(draft, channel_types=channel_types)
    key = str(draft.key)
    twice = (_twice(key),) if key in seen else ()
    found = tuple(file.finding(one, held) for one in (*checked.problems, *twice))
    if checked.template is None or twice:
        return PlannedTemplate(key, Action.REFUSED, draft, found, ())
    present = stored.get(key)
    if present is None:
        return PlannedTemplate(key, Action.ADD, draft, found, ())
    was = validate_template(draft_from(present), channel_types=channel_types)
    before = snapshot_of(was.template) if was.template else {}
    changes = differences(before, snapshot_of(checked.template))
    is_same = not changes and _facts(draft) == _facts(draft_from(present))
    action = Action.SAME if is_same else Action.CHANGE
    return PlannedTemplate(key, action, draft, found, changes)


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
