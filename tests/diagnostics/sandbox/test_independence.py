"""The sandbox is the independent judge: it must not know our own senders."""

import ast
from pathlib import Path

import pytest

import diagnostics.sandbox

FOLDER = Path(diagnostics.sandbox.__file__).parent
OURS = ("channels_app", "templates_app", "notifications_site")


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    given = {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
    return plain | given


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda p: p.name)
def test_no_module_imports_our_apps(path: Path) -> None:
    assert not [name for name in imported(path) if name.startswith(OURS)]
