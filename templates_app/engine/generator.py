"""Writes the Python of a checked template, with the budget's checks as short calls.

Jinja would look each of them up as a filter, with a fallback, in every template: more
code to write and to compile than the template itself needs.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, DependencyFinderVisitor, Frame

# Names that only the engine can write: a template's own may not begin with "_".
RENDERING = "_rendering"
INSERT = "_insert"
LOOP = "_loop"
OPERAND = "_operand"
CONDITION = "_condition"

_RUN = "rendering"
_CALLS: Mapping[str, str] = MappingProxyType(
    {
        INSERT: "insert(",
        LOOP: f"environment.loop({_RUN}, ",
        OPERAND: f"environment.operand({_RUN}, ",
        CONDITION: f"environment.condition({_RUN}, ",
    }
)


class Generator(CodeGenerator):
    """Knows the engine's own filters; all others are Jinja's business."""

    def pull_dependencies(self, nodes: Iterable[nodes.Node]) -> None:
        """Name the run, and the filters and tests, all of which are known to exist."""
        self.writeline(f"{_RUN} = resolve({RENDERING!r})")
        self.writeline(f"insert = {_RUN}.insert")
        found = DependencyFinderVisitor()
        for node in nodes:
            found.visit(node)
        self._name(self.filters, found.filters - _CALLS.keys(), "filters")
        self._name(self.tests, found.tests, "tests")

    def _name(self, known: dict[str, str], names: Iterable[str], kind: str) -> None:
        for name in sorted(names):
            known[name] = self.temporary_identifier()
            self.writeline(f"{known[name]} = environment.{kind}[{name!r}]")

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802
        """Write a filter, or one of the engine's calls."""
        call = _CALLS.get(node.name)
        if call is None or node.node is None:
            super().visit_Filter(node, frame)
            return
        self.write(call)
        self.visit(node.node, frame)
        for argument in node.args:
            self.write(", ")
            self.visit(argument, frame)
        self.write(")")

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        """Write nothing: whatever is inserted is a text already."""

    _output_child_post = _output_child_pre
