"""The reference page of findings, made from the checks."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

from diagnostics.checks.contract import FindingKind
from diagnostics.checks.registry import KINDS

INTRO = """\
# Findings

What `manage.py diagnose`, the health reports and `check_environment` can find. A program
may rely on the ids; the sentences may change. `%(name)s` stands for evidence.

`.venv/bin/pytest tests/diagnostics/checks` plants more than 25 faults, each as life brings
it, and prints which finding each led to; and it looks 100 times at a healthy system, where
nothing above a note may be found. `tests/faults/test_diagnosed.py` plants faults in real
processes.

| id | severity | what | why | what to do | who | command |
| --- | --- | --- | --- | --- | --- | --- |
"""
MADE = "<!-- Made from the code by `manage.py reference_pages`: do not edit. -->\n\n"


def pages() -> dict[str, str]:
    """Return the page by its file name, in English."""
    with translation.override("en"):
        rows = "\n".join(_rows())
    return {"findings.md": f"{MADE}{INTRO}{rows}\n"}


def _rows() -> Iterator[str]:
    for name in sorted(KINDS):
        kind = KINDS[name]
        cells = (
            f"`{kind.id}`",
            kind.severity.value,
            kind.title,
            kind.cause,
            kind.remedy,
            kind.who.value,
            _command(kind),
        )
        yield f"| {' | '.join(_cell(str(cell)) for cell in cells)} |"


def _command(kind: FindingKind) -> str:
    return f"`{kind.fix_command}`" if kind.fix_command else ""


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("%%", "%")
