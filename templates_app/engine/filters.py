"""The filters and tests a template may use; none can make a short value long."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _
from jinja2 import Undefined, tests
from jinja2.filters import do_title

from templates_app.engine.budget import MAX_OUTPUT
from templates_app.engine.errors import BudgetExceededError, RenderError
from templates_app.engine.escapes import escape_html
from templates_app.engine.values import EscapedHtml, to_text, value_to_json

Filter = Callable[..., object]

_MAX_PLACES = 10


def _upper(value: object) -> object:
    return to_text(value).upper()


def _lower(value: object) -> object:
    return to_text(value).lower()


def _title(value: object) -> object:
    return do_title(_short(to_text(value)))


def _trim(value: object) -> object:
    return to_text(value).strip()


def _truncate(value: object, length: int = 255, end: str = "…") -> object:
    text = to_text(value)
    if len(text) <= length:
        return text
    return text[: max(0, length - len(end))] + end


def _default(value: object, fallback: object = "", boolean: bool = False) -> object:
    if isinstance(value, Undefined) or (boolean and not value):
        return fallback
    return value


def _length(value: object) -> object:
    if isinstance(value, str | list | tuple | dict):
        return len(value)
    return len(to_text(value))


def _first(value: object) -> object:
    items = _items(value, "first")
    return items[0] if items else ""


def _last(value: object) -> object:
    items = _items(value, "last")
    return items[-1] if items else ""


def _round(value: object, places: int = 0) -> object:
    number = _number(value)
    if number is None or not 0 <= places <= _MAX_PLACES:
        raise _wrong_type("round")
    rounded = round(number, places)
    return int(rounded) if places == 0 else rounded


def _int(value: object, fallback: object = 0) -> object:
    if isinstance(value, int):
        return int(value)
    number = _number(value)
    return fallback if number is None else int(number)


def _float(value: object, fallback: object = 0.0) -> object:
    number = _number(value)
    return fallback if number is None else number


def _tojson(value: object) -> object:
    return _short(value_to_json(value))


def _escape(value: object) -> object:
    if isinstance(value, EscapedHtml):
        return value
    return EscapedHtml(escape_html(to_text(value)))


def _join(value: object, separator: object = "") -> object:
    glue = to_text(separator)
    pieces: list[str] = []
    size = 0
    for item in _items(value, "join"):
        pieces.append(to_text(item))
        size += len(pieces[-1]) + len(glue)
        if size > MAX_OUTPUT:
            raise _too_long()
    return glue.join(pieces)


def _items(value: object, name: str) -> list[object] | tuple[object, ...] | str:
    if isinstance(value, str | list | tuple):
        return value
    if isinstance(value, dict):
        return list(value)
    raise _wrong_type(name)


def _number(value: object) -> float | None:
    if not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _short(text: str) -> str:
    if len(text) > MAX_OUTPUT:
        raise _too_long()
    return text


def _too_long() -> BudgetExceededError:
    return BudgetExceededError(
        "output_budget",
        _("The text would be longer than %(limit)d characters.")
        % {"limit": MAX_OUTPUT},
        _("Send shorter values, or shorten them with the truncate filter."),
    )


def _wrong_type(name: str) -> RenderError:
    return RenderError(
        "wrong_type",
        _("The filter “%(name)s” got a value it cannot work with.") % {"name": name},
        _("Send a value of the right type: a number, a text or a list."),
    )


def _passes_missing(apply: Filter) -> Filter:
    """Let a value that is missing stay missing, so that it is kept as written."""

    def passing(value: object, *args: object, **kwargs: object) -> object:
        if isinstance(value, Undefined):
            return value
        return apply(value, *args, **kwargs)

    return passing


_PLAIN_FILTERS: Mapping[str, Filter] = {
    "upper": _upper,
    "lower": _lower,
    "title": _title,
    "trim": _trim,
    "truncate": _truncate,
    "length": _length,
    "first": _first,
    "last": _last,
    "round": _round,
    "int": _int,
    "float": _float,
    "tojson": _tojson,
    "escape": _escape,
    "e": _escape,
    "join": _join,
}

_OWN_WORD_ON_MISSING: Mapping[str, Filter] = {"default": _default, "d": _default}

FILTERS: Mapping[str, Filter] = MappingProxyType(
    {name: _passes_missing(apply) for name, apply in _PLAIN_FILTERS.items()}
    | dict(_OWN_WORD_ON_MISSING)
)

TESTS: Mapping[str, Callable[..., bool]] = MappingProxyType(
    {
        "boolean": tests.test_boolean,
        "defined": tests.test_defined,
        "even": tests.test_even,
        "false": tests.test_false,
        "mapping": tests.test_mapping,
        "none": tests.test_none,
        "number": tests.test_number,
        "odd": tests.test_odd,
        "sequence": tests.test_sequence,
        "string": tests.test_string,
        "true": tests.test_true,
        "undefined": tests.test_undefined,
    }
)
