"""Renders a content with sample values, to find what only shows with values."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from templates_app.engine.allowlist import RESERVED_NAMES
from templates_app.engine.errors import BudgetExceededError, RenderError
from templates_app.engine.problems import Problem, Severity, problem_of, warning
from templates_app.engine.text import Values

# One of an even and one of an odd length: a loop over either leaves other marks open.
WORD = "word"
SPECIAL = "*_[`]()~>#+-=|{}.!<&\"'\\ xyz"

_MOST_ALONE = 8


class SampleKind(StrEnum):
    """Where a set of values comes from."""

    WORDS = "words"
    GIVEN = "given"
    SPECIAL = "special"
    EMPTY = "empty"


@dataclass(frozen=True)
class Sample:
    """One set of values, and how bad it is if they make a broken message."""

    kind: SampleKind
    values: Values

    @property
    def severity(self) -> Severity:
        """Give a warning for empty values only: they may never come."""
        is_empty = self.kind is SampleKind.EMPTY
        return Severity.WARNING if is_empty else Severity.ERROR

    @property
    def is_given(self) -> bool:
        """Tell whether the author has chosen the values."""
        return self.kind is SampleKind.GIVEN

    @property
    def is_usual(self) -> bool:
        """Tell whether the result is of a usual length and look."""
        return self.kind in {SampleKind.WORDS, SampleKind.GIVEN}

    def explained(self, message: str) -> str:
        """Say with which values it happens."""
        if self.kind is SampleKind.EMPTY:
            return _("When the values are empty: %(message)s") % {"message": message}
        if self.kind is SampleKind.SPECIAL:
            return _("With signs such as * or < in the values: %(message)s") % {
                "message": message
            }
        return message


def samples_for(names: frozenset[str], given: Values) -> Iterator[Sample]:
    """Give words, the author's own values, special characters, and nothing."""
    always: Values = dict.fromkeys(RESERVED_NAMES, WORD)
    words = {**always, **dict.fromkeys(names, WORD)}
    yield Sample(SampleKind.WORDS, words)
    if given:
        yield Sample(SampleKind.GIVEN, {**words, **given})
    if names:
        special = {**always, **dict.fromkeys(names, SPECIAL)}
        yield Sample(SampleKind.SPECIAL, special)
        yield Sample(SampleKind.EMPTY, {**always, **dict.fromkeys(names, "")})
    if len(names) > 1:
        for name in sorted(names)[:_MOST_ALONE]:
            yield Sample(SampleKind.EMPTY, {**words, name: ""})


def budget_problem(exc: RenderError, sample: Sample) -> Problem | None:
    """Report a rendering that was stopped; invented values may be of a wrong type."""
    if isinstance(exc, BudgetExceededError) and exc.code != "time_budget":
        return problem_of(exc)
    if not sample.is_given:
        return None
    text = _("With the sample values: %(message)s") % {"message": exc.message}
    found = warning("sample_refused", text, exc.remedy)
    return found.at_line(exc.line, exc.column)
