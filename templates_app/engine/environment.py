"""Jinja's immutable sandbox, without globals and without access to Python objects."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from jinja2 import Undefined
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates_app.engine.budget import Rendering
from templates_app.engine.errors import RenderError
from templates_app.engine.filters import FILTERS, TESTS
from templates_app.engine.generator import Generator

LOOP_FACTS = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length"}
)


class _Nothing:
    """Stands for a missing value in a comparison: in no order with anything."""

    def __lt__(self, _other: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __contains__ = __lt__


MISSING = Undefined()
_NOTHING = _Nothing()


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Looks names up in JSON values only, never in Python objects.

    The generated code calls `loop`, `operand` and `condition`, a template cannot.
    """

    code_generator_class = Generator

    def __init__(self) -> None:
        super().__init__(
            optimized=False,
            autoescape=False,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = dict(FILTERS)
        self.tests = dict(TESTS)

    def getattr(self, obj: object, attribute: str) -> object:
        """Look a name up in an object of the caller's JSON, or in `loop`."""
        if isinstance(obj, LoopContext) and attribute in LOOP_FACTS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """Look a key or a position up in the caller's JSON."""
        if isinstance(obj, dict) and isinstance(argument, str):
            return obj.get(argument, MISSING)
        if isinstance(obj, list | tuple | str) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else MISSING
        return MISSING

    @staticmethod
    def loop(rendering: Rendering, value: object, label: str) -> Iterator[object]:
        """Give what a loop runs over, each turn on the account."""
        if isinstance(value, Undefined):
            rendering.miss(label)
        elif isinstance(value, list | tuple | dict | str):
            for item in value:
                rendering.spend_iteration()
                yield item
        elif value is not None:
            raise RenderError(
                "not_a_list",
                _("“%(name)s” is not a list.") % {"name": label},
                _("Send a list, or test it with `is sequence` before the loop."),
            )

    @staticmethod
    def operand(rendering: Rendering, value: object, label: str) -> object:
        """Give one side of a comparison."""
        if isinstance(value, Undefined):
            rendering.miss(label)
            return _NOTHING
        return value

    @staticmethod
    def condition(rendering: Rendering, value: object) -> object:
        """Give what a condition came to, if there is time left."""
        rendering.check_time()
        return value


ENVIRONMENT = TemplateEnvironment()
