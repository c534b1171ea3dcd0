"""The built editor belongs to the sources beside it."""

from hashlib import sha256
from pathlib import Path

import templates_app

APP = Path(templates_app.__file__).parent
EDITOR = APP / "editor"
BUILT = APP / "static/templates_app/editor.js"


def test_the_built_file_names_the_sources_that_it_came_from() -> None:
    found = sha256()
    for path in [*sorted((EDITOR / "source").iterdir()), EDITOR / "package-lock.json"]:
        found.update(path.read_bytes())
    first = BUILT.read_text().partition("\n")[0]
    assert first == f"// Built by make editor from {found.hexdigest()}"


def test_the_lock_names_no_address() -> None:
    assert "http" not in (EDITOR / "package-lock.json").read_text().lower()
