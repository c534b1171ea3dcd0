"""Reads the declared variables of a draft and compares them with those it uses."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from templates_app.engine.allowlist import RESERVED_NAMES, WORDS
from templates_app.engine.errors import Position, SourceError
from templates_app.engine.problems import Problem, error, warning
from templates_app.formats.compiled import compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for

MAX_VARIABLES = 200
MAX_NAME = 100
LOOP = "loop"


@dataclass(frozen=True)
class _Uses:
    """Where each variable is used first; not complete if a content has errors."""

    places: Mapping[str, tuple[str, Position]]
    is_complete: bool


def read_variables(raw: object) -> tuple[list[str], list[Problem]]:
    """Give the declared names, each once, and all that is wrong with them."""
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
    names = [name for name in raw if isinstance(name, str)]
    return list(dict.fromkeys(names)), list(_problems_of(raw))


def usage_problems(
    variables: list[str], contents: Mapping[str, Content]
) -> list[Problem]:
    """Compare the names in both directions; what does not compile is left out."""
    uses = _uses_of(contents)
    declared = set(variables) - RESERVED_NAMES
    used = uses.places.keys()
    found = [_undeclared(name, *uses.places[name]) for name in sorted(used - declared)]
    if uses.is_complete:
        found += [
            _unused(name, f"/variables/{variables.index(name)}")
            for name in sorted(declared - used)
        ]
    return found


def _problems_of(raw: list[object] | tuple[object, ...]) -> Iterator[Problem]:
    seen: set[object] = set()
    for index, name in enumerate(raw):
        where = f"/variables/{index}"
        if not isinstance(name, str) or not _is_usable(name):
            yield _invalid(name, where)
        elif name in RESERVED_NAMES:
            yield _always_there(name, where)
        elif name.startswith("_"):
            yield _underscored(name, where)
        elif name in WORDS:
            yield _word(name, where)
        elif name in seen:
            yield _twice(name, where)
        elif name == LOOP:
            yield _hidden_by_loops(name, where)
        else:
            seen.add(name)


def _hidden_by_loops(name: str, where: str) -> Problem:
    return warning(
        "variable_hidden",
        _("Inside a for block, “%(name)s” is the loop itself, not your value.")
        % {"name": name},
        _("Use another name."),
        where,
    )


def _is_usable(name: str) -> bool:
    is_normal = unicodedata.normalize("NFKC", name) == name
    return name.isidentifier() and is_normal and len(name) <= MAX_NAME


def _uses_of(contents: Mapping[str, Content]) -> _Uses:
    places: dict[str, tuple[str, Position]] = {}
    is_complete = True
    for channel, content in contents.items():
        try:
            uses = compile_content(format_for(channel), content).uses()
        except SourceError:
            is_complete = False
            continue
        for name, (part, at) in uses.items():
            places.setdefault(name, (f"/contents/{channel}/{part}", at))
    return _Uses(places, is_complete)


def _undeclared(name: str, where: str, at: Position) -> Problem:
    found = warning(
        "variable_undeclared",
        _("“%(name)s” is used but not declared.") % {"name": name},
        _("Add it to the variables, or correct the name."),
        where,
    )
    return found.at(at)


def _unused(name: str, where: str) -> Problem:
    return warning(
        "variable_unused",
        _("“%(name)s” is declared but not used.") % {"name": name},
        _("Use it, or take it off the list."),
        where,
    )


def _invalid(name: object, where: str) -> Problem:
    return error(
        "variable_invalid",
        _("“%(name)s” cannot be a variable.") % {"name": str(name)[:40]},
        _("Use letters, digits and “_”; begin with a letter."),
        where,
    )


def _underscored(name: str, where: str) -> Problem:
    return error(
        "variable_invalid",
        _("“%(name)s” begins with an underscore: such names are reserved.")
        % {"name": name[:40]},
        _("Use another name."),
        where,
    )


def _word(name: str, where: str) -> Problem:
    return error(
        "variable_is_a_word",
        _("“%(name)s” is a word of the template language.") % {"name": name},
        _("Use another name."),
        where,
    )


def _always_there(name: str, where: str) -> Problem:
    return warning(
        "variable_reserved",
        _("“%(name)s” is always there.") % {"name": name},
        _("Take it off the list."),
        where,
    )


def _twice(name: str, where: str) -> Problem:
    return warning(
        "variable_twice",
        _("“%(name)s” is declared twice.") % {"name": name},
        _("Take one of the two off the list."),
        where,
    )
