"""How much one template may cost, and the account kept while it is rendered."""

import time
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from jinja2 import Undefined

from templates_app.engine.errors import BudgetExceededError, ValueMissingError
from templates_app.engine.escapes import Escape, escape_html, link_escape, plain
from templates_app.engine.source import Mark
from templates_app.engine.values import EscapedHtml, to_text

MAX_SOURCE = 20_000
MAX_NESTED_LOOPS = 2
MAX_ITERATIONS = 5_000
MAX_OUTPUT = 100_000
MAX_SECONDS = 0.1


class MissingPolicy(StrEnum):
    """What happens to a variable that has no value."""

    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Rendered:
    """The finished text, and the names that had no value."""

    text: str
    missing: tuple[str, ...] = ()


class Rendering:
    """One run of a template: what it has cost and missed so far."""

    __slots__ = (
        "_deadline",
        "_escape",
        "_iterations",
        "_marks",
        "_missing",
        "_output",
        "_policy",
        "_value",
    )

    def __init__(self, policy: MissingPolicy) -> None:
        self._policy = policy
        self._missing: dict[str, None] = {}
        self._iterations = 0
        self._output = 0
        # The thread's own time: a busy machine must not make a template fail.
        self._deadline = time.thread_time() + MAX_SECONDS
        self._escape: Escape = plain
        self._marks: tuple[Mark, ...] = ()
        self._value: object = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The names that had no value, in the order they were met."""
        return tuple(self._missing)

    @property
    def value(self) -> object:
        """The value inserted last, before it became text."""
        return self._value

    def begin(self, marks: tuple[Mark, ...], escape: Escape) -> None:
        """Start on one piece of text with its own inserts and dialect."""
        self._marks = marks
        self._escape = escape

    def insert(self, value: object, index: int) -> str:
        """Write one value where the template's insert number `index` stands."""
        mark = self._marks[index]
        if isinstance(value, Undefined):
            self.miss(mark.label)
            value = mark.text
        self._value = value
        escape = self._escape
        if mark.link_in and escape in mark.link_in:
            return link_escape(escape)(to_text(value))
        if isinstance(value, EscapedHtml) and escape is escape_html:
            return str(value)
        return escape(to_text(value))

    def miss(self, name: str) -> None:
        """Note a name without a value, or stop if the template insists on it."""
        if self._policy is MissingPolicy.REFUSE:
            raise ValueMissingError(
                "value_missing",
                _("The variable “%(name)s” has no value.") % {"name": name},
                _("Send a value for it, or let the template keep unknown names."),
            )
        self._missing[name] = None

    def spend_output(self, size: int) -> None:
        """Count text that was written."""
        self._output += size
        if self._output > MAX_OUTPUT:
            raise BudgetExceededError(
                "output_budget",
                _("The text would be longer than %(limit)d characters.")
                % {"limit": MAX_OUTPUT},
                _("Send shorter values, or shorten them with the truncate filter."),
            )

    def spend_iteration(self) -> None:
        """Count one turn of a loop."""
        self._iterations += 1
        if self._iterations > MAX_ITERATIONS:
            raise BudgetExceededError(
                "loop_budget",
                _("The loops would run more than %(limit)d times.")
                % {"limit": MAX_ITERATIONS},
                _("Send shorter lists."),
            )
        if not self._iterations & 15:
            self.check_time()

    def check_time(self) -> None:
        """Stop when the time is up."""
        if time.thread_time() > self._deadline:
            raise BudgetExceededError(
                "time_budget",
                _("The template took longer than %(limit)d ms to render.")
                % {"limit": int(MAX_SECONDS * 1000)},
                _("Use fewer loops and conditions, or send smaller values."),
            )
