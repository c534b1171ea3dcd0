"""The one validator: for the admin, the API and imports, with the same messages."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, Severity, error
from templates_app.engine.values import clean_text, clean_value
from templates_app.formats.contract import Content
from templates_app.models import UndefinedPolicy
from templates_app.models.template import KEY_PATTERN
from templates_app.services.contents import read_contents
from templates_app.services.drafts import TemplateDraft
from templates_app.services.variables import read_variables, usage_problems

MAX_NAME = 200


@dataclass(frozen=True)
class CheckedTemplate:
    """A draft that is known to be valid."""

    key: str
    name: str
    description: str
    variables: tuple[str, ...]
    undefined: UndefinedPolicy
    is_active: bool
    sample_variables: dict[str, object]
    contents: dict[str, Content]


@dataclass(frozen=True)
class Validated:
    """All that was found; `template` is None if there are errors."""

    problems: tuple[Problem, ...]
    template: CheckedTemplate | None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a save."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not."""
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


def validate_template(
    draft: TemplateDraft, *, channel_types: Collection[str] = ()
) -> Validated:
    """Find all problems of a draft at once; `channel_types` empty means any."""
    samples = clean_value(draft.sample_variables)
    given = samples if isinstance(samples, dict) else {}
    contents, problems = read_contents(draft.contents, channel_types, given)
    variables, found = read_variables(draft.variables)
    problems = [*_field_problems(draft), *found, *problems]
    problems += usage_problems(variables, contents)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Validated(tuple(problems), None)
    checked = CheckedTemplate(
        key=str(draft.key),
        name=str(draft.name).strip(),
        description=str(draft.description),
        variables=tuple(variables),
        undefined=UndefinedPolicy(str(draft.undefined)),
        is_active=draft.is_active,
        sample_variables=given,
        contents=contents,
    )
    return Validated(tuple(problems), checked)


def _field_problems(draft: TemplateDraft) -> list[Problem]:
    checks = (
        key_problem(draft.key),
        _name_problem(draft.name),
        _description_problem(draft.description),
        _undefined_problem(draft.undefined),
        _samples_problem(draft.sample_variables),
    )
    return [problem for problem in checks if problem is not None]


def key_problem(key: object) -> Problem | None:
    """Say what is wrong with a template's key, if anything is."""
    if isinstance(key, str) and re.match(KEY_PATTERN, key):
        return None
    return error(
        "key_invalid",
        _("The key is not usable."),
        _("Use 1 to 100 letters (a to z), digits, “_” and “-”."),
        "/key",
    )


def _name_problem(name: object) -> Problem | None:
    if isinstance(name, str) and 0 < len(name.strip()) <= MAX_NAME and _storable(name):
        return None
    return error(
        "name_invalid",
        _("The name is missing or not usable."),
        _("Give a name of 1 to %(limit)d characters.") % {"limit": MAX_NAME},
        "/name",
    )


def _description_problem(description: object) -> Problem | None:
    if isinstance(description, str) and _storable(description):
        return None
    return error(
        "description_invalid",
        _("The description is not usable."),
        _("Send a plain text, or leave it out."),
        "/description",
    )


def _undefined_problem(undefined: object) -> Problem | None:
    if undefined in UndefinedPolicy.values:
        return None
    return error(
        "undefined_invalid",
        _("It is not clear what happens to unknown names."),
        _("Send keep or refuse."),
        "/undefined",
    )


def _samples_problem(samples: object) -> Problem | None:
    if isinstance(samples, dict):
        return None
    return error(
        "sample_variables_invalid",
        _("The sample values must be an object."),
        _('Send names and values, such as {"name": "Zoë"}.'),
        "/sample_variables",
    )


def _storable(text: str) -> bool:
    return clean_text(text) == text
