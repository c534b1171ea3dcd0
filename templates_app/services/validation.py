"""The one validator: for the admin, the API and imports, with the same messages."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from templates_app.engine.allowlist import RESERVED_NAMES
from templates_app.engine.problems import Problem, Severity, error, warning
from templates_app.engine.values import clean_text, clean_value
from templates_app.formats.contract import Content
from templates_app.models import UndefinedPolicy
from templates_app.models.template import KEY_PATTERN
from templates_app.services.contents import read_contents, used_names
from templates_app.services.drafts import TemplateDraft

MAX_NAME = 200
MAX_VARIABLES = 200


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
    contents, problems = read_contents(draft.contents, channel_types)
    variables, found = _read_variables(draft.variables)
    problems = [*_field_problems(draft), *found, *problems]
    problems += _usage_problems(variables, contents)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Validated(tuple(problems), None)
    samples = clean_value(draft.sample_variables)
    checked = CheckedTemplate(
        key=str(draft.key),
        name=str(draft.name).strip(),
        description=str(draft.description),
        variables=tuple(variables),
        undefined=UndefinedPolicy(str(draft.undefined)),
        is_active=draft.is_active,
        sample_variables=samples if isinstance(samples, dict) else {},
        contents=contents,
    )
    return Validated(tuple(problems), checked)


def _field_problems(draft: TemplateDraft) -> list[Problem]:
    checks = (
        _key_problem(draft.key),
        _name_problem(draft.name),
        _description_problem(draft.description),
        _undefined_problem(draft.undefined),
        _samples_problem(draft.sample_variables),
    )
    return [problem for problem in checks if problem is not None]


def _key_problem(key: object) -> Problem | None:
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


def _read_variables(raw: object) -> tuple[list[str], list[Problem]]:
    if not isinstance(raw, list | tuple) or len(raw) > MAX_VARIABLES:
        return [], [
            error(
                "variables_invalid",
                _("The variables must be a list of at most %(limit)d names.")
                % {"limit": MAX_VARIABLES},
                _('Send a list such as ["name", "order_id"].'),
                "/variables",
            )
        ]
    problems = [
        problem
        for index, name in enumerate(raw)
        if (problem := _variable_problem(name, f"/variables/{index}"))
    ]
    names = [name for name in raw if isinstance(name, str)]
    return list(dict.fromkeys(names)), problems


def _variable_problem(name: object, where: str) -> Problem | None:
    if not isinstance(name, str) or not name.isidentifier():
        return error(
            "variable_invalid",
            _("“%(name)s” cannot be a variable.") % {"name": str(name)[:40]},
            _("Use letters, digits and “_”; begin with a letter."),
            where,
        )
    if name in RESERVED_NAMES:
        return warning(
            "variable_reserved",
            _("“%(name)s” is always there.") % {"name": name},
            _("Take it off the list."),
            where,
        )
    if name.startswith("_"):
        return error(
            "variable_invalid",
            _("“%(name)s” begins with an underscore: such names are reserved.")
            % {"name": name[:40]},
            _("Use another name."),
            where,
        )
    return None


def _usage_problems(
    variables: list[str], contents: dict[str, Content]
) -> list[Problem]:
    used = used_names(contents)
    if used is None:
        return []
    declared = set(variables) - RESERVED_NAMES
    return [_undeclared(name) for name in sorted(used - declared)] + [
        _unused(name) for name in sorted(declared - used)
    ]


def _undeclared(name: str) -> Problem:
    return warning(
        "variable_undeclared",
        _("“%(name)s” is used but not declared.") % {"name": name},
        _("Add it to the variables, or correct the name."),
        "/variables",
    )


def _unused(name: str) -> Problem:
    return warning(
        "variable_unused",
        _("“%(name)s” is declared but not used.") % {"name": name},
        _("Use it, or take it off the list."),
        "/variables",
    )


def _storable(text: str) -> bool:
    return clean_text(text) == text
