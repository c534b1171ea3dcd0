"""The Chinese catalogues: complete, current, and with every placeholder in place."""

import gettext
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

import notifications_site

PACKAGES = ("notifications_site", "diagnostics", "channels_app", "templates_app")
SITE = Path(notifications_site.__file__).parent
OURS = SITE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
UNFOLDS = SITE / "locale_unfold" / "zh_Hans" / "LC_MESSAGES"
CATALOGUES = [OURS, UNFOLDS / "django.po", UNFOLDS / "djangojs.po"]

LINES = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0 +-]*[\d.]*[a-zA-Z]|(%s|%d)")


@dataclass(frozen=True)
class Entry:
    """One text of a catalogue; `context` and `plural` are empty when it has none."""

    context: str
    text: str
    plural: str
    translation: str
    is_fuzzy: bool


def entries(catalogue: Path) -> list[Entry]:
    blocks = catalogue.read_text(encoding="utf-8").strip().split("\n\n")
    return [entry for block in blocks if (entry := entry_of(block)) and entry.text]


def entry_of(block: str) -> Entry | None:
    if not re.search(r"^msgid ", block, re.MULTILINE):
        return None
    flags = "".join(re.findall(r"^#,.*$", block, re.MULTILINE))
    return Entry(
        context=part(block, "msgctxt"),
        text=part(block, "msgid"),
        plural=part(block, "msgid_plural"),
        translation=part(block, r"msgstr(?:\[0\])?"),
        is_fuzzy="fuzzy" in flags,
    )


def part(block: str, name: str) -> str:
    found = re.search(rf"^{name} {LINES}", block, re.MULTILINE)
    lines = re.findall(r'"(?:[^"\\]|\\.)*"', found[1]) if found else []
    return "".join(json.loads(line) for line in lines)


def placeholders(text: str) -> set[str]:
    return {name or sign for name, sign in PLACEHOLDER.findall(text)}


def keys(catalogue: Path) -> set[tuple[str, str]]:
    return {(entry.context, entry.text) for entry in entries(catalogue)}


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_everything_is_translated(catalogue: Path) -> None:
    assert entries(catalogue)
    assert [e.text for e in entries(catalogue) if not e.translation or e.is_fuzzy] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_every_placeholder_is_kept(catalogue: Path) -> None:
    wrong = [
        entry.text
        for entry in entries(catalogue)
        if placeholders(entry.translation) != placeholders(entry.plural or entry.text)
    ]

    assert wrong == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_the_compiled_catalogue_is_current(catalogue: Path) -> None:
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for entry in entries(catalogue):
        if entry.plural:
            found = compiled.ngettext(entry.text, entry.plural, 1)
        elif entry.context:
            found = compiled.pgettext(entry.context, entry.text)
        else:
            found = compiled.gettext(entry.text)
        assert found == entry.translation


@pytest.fixture
def extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a catalogue made anew from a copy of the source."""
    if shutil.which("xgettext") is None:
        pytest.skip("xgettext: not installed (apt-get install gettext)")
    for package in PACKAGES:
        shutil.copytree(
            Path(SITE.parent, package),
            tmp_path / package,
            ignore=shutil.ignore_patterns("locale", "locale_unfold", "__pycache__"),
        )
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    with override_settings(LOCALE_PATHS=[str(tmp_path / "locale")]):
        call_command("makemessages", locale=["zh_Hans"], verbosity=0)
    return tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_the_catalogue_holds_every_text_of_the_source(extracted: Path) -> None:
    assert sorted(keys(extracted) - keys(OURS)) == []


def test_the_catalogue_holds_nothing_else(extracted: Path) -> None:
    assert sorted(keys(OURS) - keys(extracted)) == []
