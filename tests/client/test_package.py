"""The wheel: complete, typed, alone, and good for every Python that it names."""

import ast
import os
import re
import shutil
import string
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import notifications_client
from notifications_client.chinese import CHINESE
from notifications_client.doctor.sentences import SENTENCES
from tests.client import hostile as server
from tests.client.hostile import hostile

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "client"
SOURCE = CLIENT / "src" / "notifications_client"
MODULES = sorted(SOURCE.rglob("*.py"))
OLDEST = (3, 9)
PYTHONS = ("python3.9", "python3.10", "python3.12", "python3.13")
TRIAL = """
import sys
from notifications_client import Client, Notification
for module in list(sys.modules.values()):
    place = getattr(module, "__file__", None) or ""
    assert "site-packages" not in place, place
import notifications_client.command.main
with Client(sys.argv[1], "secret") as client:
    print(client.send(Notification("u1", content="Hello")).message_ids[0])
"""

modules = pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(SOURCE)) for path in MODULES]
)


@modules
def test_it_imports_nothing_but_the_standard_library(path: Path) -> None:
    found = {name.partition(".")[0] for name in _imports(path)}
    assert found - set(sys.stdlib_module_names) <= {"notifications_client"}


@modules
def test_the_oldest_python_can_read_it(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)


@modules
def test_no_module_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def said() -> set[str]:
    """Return every sentence that is looked up for the locale."""
    calls = [
        node
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"
    ]
    texts = [
        call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)
    ]
    return {*SENTENCES.values(), *map(str, texts)}


def test_every_sentence_has_its_chinese_and_nothing_else_has() -> None:
    assert said() == set(CHINESE)


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_the_chinese_has_the_same_gaps(english: str) -> None:
    assert _gaps(CHINESE[english]) == _gaps(english)
    assert re.search(r"[\u4e00-\u9fff]", CHINESE[english])


def _gaps(text: str) -> list[str]:
    parsed = string.Formatter().parse(text)
    return sorted(f"{name}:{form}" for _, name, form, _ in parsed if name)


def test_the_version_stands_in_one_way() -> None:
    declared = re.search(
        r'^version = "(.+)"$', (CLIENT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert declared
    assert declared[1] == notifications_client.__version__


def test_all_that_is_exported_is_there() -> None:
    for name in notifications_client.__all__:
        assert getattr(notifications_client, name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built as `make client` builds it."""
    pytest.importorskip("flit_core", reason="flit-core: not installed")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(CLIENT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_every_module_and_its_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    wanted = [str(path.relative_to(SOURCE.parent)) for path in MODULES]
    assert [name for name in wanted if name not in names] == []
    assert "notifications_client/py.typed" in names
    metadata = zipfile.ZipFile(wheel).read(
        next(name for name in names if name.endswith("METADATA"))
    )
    assert b"Requires-Python: >=3.9" in metadata
    assert b"Requires-Dist" not in metadata


@pytest.mark.parametrize("name", PYTHONS)
def test_the_wheel_works_with_each_python(wheel: Path, name: str) -> None:
    """A wheel of Python alone can be imported as it is."""
    python = _found(name)
    if python is None:
        pytest.skip(f"{name}: not installed")
    with hostile(server.answer()) as service:
        done = subprocess.run(
            [python, "-S", "-W", "error", "-c", TRIAL, service.url],
            env={"PYTHONPATH": str(wheel), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stderr == ""
    assert done.stdout == "m1\n"


def _found(name: str) -> str | None:
    """Return a Python by name: from the path, or from pyenv's versions."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    version = name.removeprefix("python")
    places = sorted(root.glob(f"versions/{version}.*/bin/python"))
    return str(places[0]) if places else shutil.which(name)
