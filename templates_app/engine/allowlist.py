"""The part of Jinja's syntax that a template may use: an allowlist, node by node."""

import unicodedata
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jinja2 import nodes

from templates_app.engine.budget import MAX_NESTED_LOOPS
from templates_app.engine.errors import SourceError, all_as_one
from templates_app.engine.filters import FILTERS, TESTS
from templates_app.engine.source import Mark, Scan

RESERVED_NAMES = frozenset({"_timestamp", "_message_id", "_user_id"})
# Words of the language itself: no variable can have one for its name.
WORDS = frozenset(
    {"and", "elif", "else", "for", "if", "in", "is", "not", "or"}
    | {"False", "None", "True", "false", "none", "true"}
)
BLOCKS = frozenset({"if", "elif", "else", "endif", "for", "endfor"})

_MAX_DEPTH = 20
_MAX_EXPRESSION_NODES = 100
_MAX_LITERAL_DIGITS = 15

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.And,
    nodes.Compare,
    nodes.CondExpr,
    nodes.Const,
    nodes.Filter,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Keyword,
    nodes.List,
    nodes.Name,
    nodes.Neg,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Test,
    nodes.Tuple,
)

_REFUSED_NAMES: Mapping[type[nodes.Node], object] = {
    nodes.Call: gettext_lazy("a call"),
    nodes.Concat: gettext_lazy("joining with ~"),
    nodes.Dict: gettext_lazy("an object literal"),
    nodes.Slice: gettext_lazy("a slice"),
    nodes.BinExpr: gettext_lazy("arithmetic"),
    nodes.UnaryExpr: gettext_lazy("arithmetic"),
}


def check_blocks(scanned: Scan) -> None:
    """Refuse every block but conditions and loops."""
    refused = [mark for mark in scanned.blocks if mark.keyword not in BLOCKS]
    if refused:
        raise all_as_one([_refused_block(mark) for mark in refused])


def _refused_block(mark: Mark) -> SourceError:
    return SourceError(
        "block_refused",
        _("The block “{%% %(name)s %%}” is not allowed.")
        % {"name": _short(mark.keyword)},
        _("Use only if, elif, else and for."),
        mark.at,
    )


def check_expression(node: nodes.Node, mark: Mark) -> list[nodes.Node]:
    """Refuse an expression that uses anything but the allowed syntax.

    Returns its parts, itself first.
    """
    parts = []
    for count, (part, depth) in enumerate(_walk(node)):
        if count > _MAX_EXPRESSION_NODES or depth > _MAX_DEPTH:
            raise SourceError(
                "too_complex",
                _("“%(text)s” is too complex.") % {"text": _short(mark.text)},
                _("Split it up, or compute the value before you send it."),
                mark.at,
            )
        if not isinstance(part, _ALLOWED):
            raise _refused(_construct(part), mark)
        _check_node(part, mark)
        parts.append(part)
    return parts


def _check_node(node: nodes.Node, mark: Mark) -> None:
    match node:
        case nodes.Name():
            _check_name(node.name, mark)
        case nodes.Getattr():
            _check_attribute(node.attr, mark)
        case nodes.Getitem():
            _check_key(node.arg, mark)
        case nodes.Filter():
            _check_filter(node, mark)
        case nodes.Test():
            _check_test(node, mark)
        case nodes.Neg():
            _check_minus(node, mark)
        case nodes.Const():
            _check_literal(node.value, mark)


def _check_name(name: str, mark: Mark) -> None:
    if unicodedata.normalize("NFKC", name) != name:
        raise _refused(_("the name “%(name)s”") % {"name": name}, mark)
    if name not in RESERVED_NAMES:
        _check_attribute(name, mark)


def _check_attribute(name: str, mark: Mark) -> None:
    if unicodedata.normalize("NFKC", name).startswith("_"):
        raise SourceError(
            "name_refused",
            _("“%(name)s” begins with an underscore: such names are reserved.")
            % {"name": _short(name)},
            _("Use another name; only _timestamp, _message_id and _user_id are given."),
            mark.at,
        )


def _check_key(key: nodes.Expr, mark: Mark) -> None:
    if isinstance(key, nodes.Const) and isinstance(key.value, str):
        _check_attribute(key.value, mark)


def _check_filter(node: nodes.Filter, mark: Mark) -> None:
    if node.name not in FILTERS or node.node is None:
        raise SourceError(
            "filter_refused",
            _("The filter “%(name)s” is not allowed.") % {"name": _short(node.name)},
            _("Use one of: %(names)s.") % {"names": ", ".join(sorted(FILTERS))},
            mark.at,
        )
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise _refused(_("an argument list with *"), mark)


def _check_test(node: nodes.Test, mark: Mark) -> None:
    if node.name not in TESTS or node.args or node.kwargs:
        raise SourceError(
            "test_refused",
            _("The test “is %(name)s” is not allowed.") % {"name": _short(node.name)},
            _("Use one of: %(names)s.") % {"names": ", ".join(sorted(TESTS))},
            mark.at,
        )


def _check_minus(node: nodes.Neg, mark: Mark) -> None:
    number = node.node.value if isinstance(node.node, nodes.Const) else None
    if not isinstance(number, int | float):
        raise _refused(_("arithmetic"), mark)


def _check_literal(value: object, mark: Mark) -> None:
    if isinstance(value, int | float) and abs(value) >= 10**_MAX_LITERAL_DIGITS:
        raise _refused(_("a number that long"), mark)


def check_loop(node: nodes.For, loops: int, mark: Mark) -> None:
    """Refuse a recursive loop, and loops nested too deep."""
    if node.recursive:
        raise _refused(_("a recursive loop"), mark)
    if loops > MAX_NESTED_LOOPS:
        raise SourceError(
            "loops_nested",
            _("Loops are nested more than %(limit)d deep.")
            % {"limit": MAX_NESTED_LOOPS},
            _("Flatten the list before you send it."),
            mark.at,
        )


def check_depth(depth: int, mark: Mark) -> None:
    """Refuse blocks nested too deep."""
    if depth > _MAX_DEPTH:
        raise SourceError(
            "too_complex",
            _("Blocks are nested more than %(limit)d deep.") % {"limit": _MAX_DEPTH},
            _("Use fewer conditions inside each other."),
            mark.at,
        )


def _refused(construct: object, mark: Mark) -> SourceError:
    return SourceError(
        "construct_refused",
        _("“%(text)s” uses %(construct)s, which is not allowed.")
        % {"text": _short(mark.text), "construct": construct},
        _("Insert plain variables; compute the value before you send it."),
        mark.at,
    )


def _construct(node: nodes.Node) -> object:
    for kind, name in _REFUSED_NAMES.items():
        if isinstance(node, kind):
            return name
    return type(node).__name__


def _walk(node: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    """Give a node and all below it, each with its depth."""
    pending = [(node, 0)]
    while pending:
        part, level = pending.pop()
        yield part, level
        pending.extend((child, level + 1) for child in part.iter_child_nodes())


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
