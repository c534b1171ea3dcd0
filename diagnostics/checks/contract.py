"""What a check is, and what it may say: figures, and findings of known kinds.

The texts of a finding stand in its kind, in code: a stored report keeps the id and the
evidence only, and is read in the language of whoever opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django_stubs_ext import StrOrPromise


class Severity(StrEnum):
    """How much a finding asks of its reader; the members stand worst first."""

    CRITICAL = "critical"  # something does not work, or is about to stop
    WARNING = "warning"  # it works, and will not for long or not for everybody
    INFO = "info"  # good to know; nothing has to be done


class Step(StrEnum):
    """The six steps of the quick diagnosis, in their order."""

    API = "api"
    DATABASE = "database"
    ERRORS = "errors"
    QUEUE = "queue"
    PERFORMANCE = "performance"
    RESOURCES = "resources"


class Who(StrEnum):
    """Who can do something about it."""

    OPERATOR = "operator"  # whoever runs this installation
    OWNER = "channel owner"  # whoever owns the channel config
    AUTHOR = "template author"
    CALLER = "caller"  # whoever programs against the API
    NOBODY = "nobody"  # it passes by itself


@dataclass(frozen=True)
class FindingKind:
    """One thing that can be wrong. Texts may name evidence as `%(name)s`; a per cent sign is `%%`.

    `fix_command` is typed at a terminal as it is; `page` is the name of an admin page.
    Both may be empty.
    """

    id: str
    severity: Severity
    who: Who
    title: StrOrPromise
    cause: StrOrPromise
    remedy: StrOrPromise
    verify: StrOrPromise
    fix_command: str = ""
    page: str = ""

    def found(
        self, about: str = "", *, severity: Severity | None = None, **evidence: Any
    ) -> Finding:
        """Return a finding of this kind; `about` tells two of them apart."""
        return Finding(self, about, evidence, severity or self.severity)


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now, with its evidence (plain JSON values)."""

    kind: FindingKind
    about: str
    evidence: Mapping[str, Any]
    severity: Severity

    @property
    def id(self) -> str:
        return self.kind.id

    @property
    def key(self) -> tuple[str, str]:
        """What makes this the same finding as one of an earlier report."""
        return self.kind.id, self.about

    def told(self, text: StrOrPromise) -> str:
        """Return a text of the kind with the evidence in it."""
        return str(text) % self.evidence

    def as_dict(self) -> dict[str, Any]:
        """Give the shape that `diagnose --json` and the API print."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "about": self.about,
            "title": self.told(self.kind.title),
            "cause": self.told(self.kind.cause),
            "evidence": dict(self.evidence),
            "remedy": self.told(self.kind.remedy),
            "who": self.kind.who.value,
            "verify": self.told(self.kind.verify),
            "fix_command": self.told(self.kind.fix_command),
            "page": self.kind.page,
        }


@dataclass(frozen=True)
class Figure:
    """A number worth following over time; `unit` is `ms`, `s`, `d`, `MB`, `MB/d`, `%`, or empty."""

    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True)
class Fact:
    """Something to be told as it is: a version, a name."""

    name: str
    value: str


Said = Figure | Fact | Finding


@dataclass(frozen=True)
class Check:
    """One look at one thing: a function that yields what it sees.

    It runs on a thread and with a database connection of its own and is cut off after
    `seconds`. What it raises becomes a finding.
    """

    name: str
    step: Step
    title: StrOrPromise
    look: Callable[[], Iterable[Said]]
    seconds: float = 3.0


@dataclass(frozen=True)
class Area:
    """A module's checks and the kinds of finding they can make."""

    checks: tuple[Check, ...]
    kinds: tuple[FindingKind, ...]


@dataclass(frozen=True)
class Seen:
    """What one check said; `problem` says why it could not be finished."""

    check: Check
    said: tuple[Said, ...] = ()
    took_ms: float = 0.0
    problem: str = ""
    findings: tuple[Finding, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = tuple(one for one in self.said if isinstance(one, Finding))
        object.__setattr__(self, "findings", found)
