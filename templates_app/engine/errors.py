"""What can go wrong with a template, before and while it is rendered.

TemplateError
├── SourceError            the template is wrong: found when it is compiled
└── RenderError            the template is fine, but not with these values
    ├── ValueMissingError       a variable has no value and the template insists on it
    └── BudgetExceededError     rendering would take too long or write too much
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Position:
    """A place in a template's source, counted from 1."""

    line: int
    column: int | None = None


def position(source: str, offset: int) -> Position:
    """Turn an offset into line and column."""
    before = source[:offset]
    return Position(before.count("\n") + 1, offset - before.rfind("\n"))


def all_as_one(errors: list["SourceError"]) -> "SourceError":
    """Put the errors of one source into the first of them."""
    first, *others = errors
    first.also = tuple(others)
    return first


class TemplateError(Exception):
    """A template cannot be used as it is; says where, why and what to do."""

    def __init__(
        self, code: str, message: str, remedy: str, at: Position | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.line = at.line if at else None
        self.column = at.column if at else None


class SourceError(TemplateError):
    """The source cannot be read or uses a construct that is refused.

    `also` holds further errors of the same source, where it was read to its end;
    `path` leads to the string that is meant, in JSON.
    """

    also: tuple["SourceError", ...] = ()
    path: tuple[str | int, ...] = ()


class RenderError(TemplateError):
    """These values do not fit this template."""


class ValueMissingError(RenderError):
    """A variable has no value and the template refuses to be sent without it."""


class BudgetExceededError(RenderError):
    """Rendering was stopped: it would take too long or write too much."""
