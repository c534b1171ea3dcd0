"""Walks a parsed template, checks all of it and wires it to its budget."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from jinja2 import nodes

from templates_app.engine.allowlist import check_depth, check_expression, check_loop
from templates_app.engine.errors import Position, SourceError, all_as_one
from templates_app.engine.generator import CONDITION, INSERT, LOOP, OPERAND
from templates_app.engine.source import Mark, Scan


@dataclass(frozen=True)
class _Scope:
    """How deep a block stands, and which names its loops have bound."""

    depth: int = 0
    loops: int = 0
    bound: frozenset[str] = frozenset()


class Grammar:
    """Walks one template in the order of its source, checking and wiring."""

    def __init__(self, scanned: Scan) -> None:
        self._inserts = iter(enumerate(scanned.inserts))
        self._tests = iter(
            mark for mark in scanned.blocks if mark.keyword in {"if", "elif", "for"}
        )
        self._errors: list[SourceError] = []
        self.marks: list[Mark] = []
        self.uses: dict[str, Position] = {}

    def check(self, template: nodes.Template) -> None:
        """Refuse what is not allowed, all at once; put the budget's checks in."""
        self._body(template.body, _Scope())
        if self._errors:
            raise all_as_one(self._errors)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except SourceError as exc:
            self._errors.append(exc)

    def _body(self, body: list[nodes.Node], scope: _Scope) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                node.nodes = [self._output(child, scope) for child in node.nodes]
            elif isinstance(node, nodes.If):
                self._if(node, replace(scope, depth=scope.depth + 1))
            elif isinstance(node, nodes.For):
                self._for(node, replace(scope, depth=scope.depth + 1))

    def _output(self, node: nodes.Expr, scope: _Scope) -> nodes.Expr:
        if isinstance(node, nodes.TemplateData):
            return node
        index, mark = next(self._inserts)
        with self._noting():
            self._expression(node, mark, scope)
        if self._errors:
            return node
        self.marks.append(replace(mark, label=label_of(node) or mark.label))
        return _wired(node, INSERT, nodes.Const(index))

    def _if(self, node: nodes.If, scope: _Scope) -> None:
        mark = next(self._tests)
        with self._noting():
            check_depth(scope.depth, mark)
            self._expression(node.test, mark, scope)
        node.test = _wired(node.test, CONDITION)
        self._body(node.body, scope)
        for branch in node.elif_:
            self._if(branch, scope)
        self._body(node.else_, scope)

    def _for(self, node: nodes.For, scope: _Scope) -> None:
        mark = next(self._tests)
        targets: frozenset[str] = frozenset()
        with self._noting():
            check_depth(scope.depth, mark)
            check_loop(node, scope.loops + 1, mark)
            targets = _names(check_expression(node.target, mark))
            self._expression(node.iter, mark, scope)
        if not self._errors:
            label = nodes.Const(label_of(node.iter) or mark.label)
            node.iter = _wired(node.iter, LOOP, label)
        bound = scope.bound | targets | {"loop"}
        inside = replace(scope, loops=scope.loops + 1, bound=bound)
        if node.test is not None:
            with self._noting():
                self._expression(node.test, mark, inside)
        self._body(node.body, inside)
        self._body(node.else_, scope)

    def _expression(self, node: nodes.Node, mark: Mark, scope: _Scope) -> None:
        parts = check_expression(node, mark)
        for part in parts:
            if isinstance(part, nodes.Name) and part.name not in scope.bound:
                self.uses.setdefault(part.name, mark.at)
            elif isinstance(part, nodes.Compare | nodes.Operand):
                part.expr = _wired_operand(part.expr, mark)


def label_of(node: nodes.Node) -> str:
    """Name the variable an expression is about, such as `user.name`."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (base := label_of(node.node)):
        return f"{base}.{node.attr}"
    if isinstance(node, nodes.Filter | nodes.Getitem) and node.node is not None:
        return label_of(node.node)
    return ""


def _wired(node: nodes.Node, name: str, *args: nodes.Expr) -> nodes.Filter:
    wired = nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)
    wired.environment = node.environment
    return wired


def _wired_operand(node: nodes.Expr, mark: Mark) -> nodes.Expr:
    if isinstance(node, nodes.Const):
        return node
    return _wired(node, OPERAND, nodes.Const(label_of(node) or mark.label))


def _names(parts: Iterable[nodes.Node]) -> frozenset[str]:
    return frozenset(part.name for part in parts if isinstance(part, nodes.Name))
