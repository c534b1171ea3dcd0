"""What a validator reports about a template: errors stop a save, warnings do not."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from templates_app.engine.errors import TemplateError


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

    def inside(self, where: str) -> "Problem":
        """Say in which part of the template the problem is."""
        return replace(self, where=f"{where}{self.where}")

    def as_dict(self) -> dict[str, str | int | None]:
        """Give the shape that goes into an API answer."""
        return asdict(self) | {"severity": self.severity.value}


def error(code: str, message: str, remedy: str, where: str = "") -> Problem:
    """Report something that stops a save."""
    return Problem(Severity.ERROR, code, str(message), str(remedy), where)


def warning(code: str, message: str, remedy: str, where: str = "") -> Problem:
    """Report something that is worth a second look."""
    return Problem(Severity.WARNING, code, str(message), str(remedy), where)


def problem_of(exc: TemplateError, where: str = "") -> Problem:
    """Turn a compile error into a reported one."""
    return Problem(
        Severity.ERROR, exc.code, exc.message, exc.remedy, where, exc.line, exc.column
    )
