"""Jinja's immutable sandbox, without globals and without access to Python objects."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from jinja2 import Undefined
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates_app.engine.budget import Rendering
from templates_app.engine.errors import RenderError
from templates_app.engine.filters import FILTERS, TESTS

# Names that only the engine can write: a template's own may not begin with "_".
RENDERING = "_rendering"
INSERT = "_insert"
LOOP = "_loop"
OPERAND = "_operand"
CONDITION = "_condition"

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


def _insert(value: object, rendering: Rendering, index: int) -> str:
    return rendering.insert(value, index)


def _loop(value: object, rendering: Rendering, label: str) -> Iterator[object]:
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


def _operand(value: object, rendering: Rendering, label: str) -> object:
    if isinstance(value, Undefined):
        rendering.miss(label)
        return _NOTHING
    return value


def _condition(value: object, rendering: Rendering) -> object:
    rendering.check_time()
    return value


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Looks names up in JSON values only, never in Python objects."""

    def __init__(self) -> None:
        super().__init__(
            optimized=False,
            autoescape=False,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {
            **FILTERS,
            INSERT: _insert,
            LOOP: _loop,
            OPERAND: _operand,
            CONDITION: _condition,
        }
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


ENVIRONMENT = TemplateEnvironment()
