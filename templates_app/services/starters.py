"""The starter library: good templates to begin from, in two languages."""

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "starters"
LANGUAGES = ("en", "zh-hans")


def starter_text(language: str) -> str:
    """Return the file of a language; its templates' keys begin with “starter_”."""
    return (FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
