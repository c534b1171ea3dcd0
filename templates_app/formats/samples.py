"""Renders a content with sample values, to find what only shows with values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from templates_app.engine.allowlist import RESERVED_NAMES
from templates_app.engine.errors import BudgetExceededError, RenderError
from templates_app.engine.problems import Problem, Severity, problem_of, warning
from templates_app.engine.text import Values

WORD = "word"


@dataclass(frozen=True)
class Sample:
    """One set of values, and how bad it is if they make a broken message."""

    values: Values
    severity: Severity
    is_given: bool = False


def samples_for(names: frozenset[str], given: Values) -> Iterator[Sample]:
    """Give words for all names, the author's own values, and nothing for all names."""
    always: Mapping[str, object] = dict.fromkeys(RESERVED_NAMES, WORD)
    words = {**always, **dict.fromkeys(names, WORD)}
    yield Sample(words, Severity.ERROR)
    if given:
        yield Sample({**words, **given}, Severity.ERROR, is_given=True)
    if names:
        yield Sample({**always, **dict.fromkeys(names, "")}, Severity.WARNING)


def budget_problem(exc: RenderError, sample: Sample) -> Problem | None:
    """Report a rendering that was stopped; invented values may be of a wrong type."""
    if isinstance(exc, BudgetExceededError) and exc.code != "time_budget":
        return problem_of(exc)
    if not sample.is_given:
        return None
    text = _("With the sample values: %(message)s") % {"message": exc.message}
    found = warning("sample_refused", text, exc.remedy)
    return found.at_line(exc.line, exc.column)
