"""What a validator reports about a template: errors stop a save, warnings do not."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from templates_app.engine.errors import Position, SourceError, TemplateError
from templates_app.engine.json_places import pointer


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what to write instead."""

    severity: Severity
    code: str
    message: str
    remedy: str
    where: str = ""
    line: int | None = None
    column: int | None = None

    @property
    def channel(self) -> str | None:
        """The channel whose content is meant, or None."""
        steps = self.where.split("/")
        return steps[2] if steps[1:2] == ["contents"] and len(steps) > 2 else None

    @property
    def field(self) -> str:
        """The field that is meant: of the template or of a channel's content."""
        steps = self.where.split("/")
        index = 3 if self.channel is not None else 1
        return steps[index] if len(steps) > index else ""

    def at(self, place: Position) -> "Problem":
        """Say at which line and column it is."""
        return self.at_line(place.line, place.column)

    def at_line(self, line: int | None, column: int | None) -> "Problem":
        """Say at which line it is, and at which column, as far as known."""
        return replace(self, line=line, column=column)

    def inside(self, where: str) -> "Problem":
        """Say in which part of the template the problem is."""
        return replace(self, where=f"{where}{self.where}")

    def as_dict(self) -> dict[str, str | int | None]:
        """Give the shape that goes into an API answer."""
        known = {"channel": self.channel, "field": self.field}
        return asdict(self) | {"severity": self.severity.value} | known


def error(code: str, message: str, remedy: str, where: str = "") -> Problem:
    """Report something that stops a save."""
    return Problem(Severity.ERROR, code, str(message), str(remedy), where)


def warning(code: str, message: str, remedy: str, where: str = "") -> Problem:
    """Report something that is worth a second look."""
    return Problem(Severity.WARNING, code, str(message), str(remedy), where)


def problem_of(exc: TemplateError, where: str = "") -> Problem:
    """Turn a compile error into a reported one."""
    if isinstance(exc, SourceError) and exc.path:
        where += pointer(exc.path)
    return Problem(
        Severity.ERROR, exc.code, exc.message, exc.remedy, where, exc.line, exc.column
    )


def problems_of(exc: SourceError, where: str) -> list[Problem]:
    """Turn all errors of one source into reported ones."""
    return [problem_of(each, where) for each in (exc, *exc.also)]
