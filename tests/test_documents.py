"""The documents keep up with the code: links, names, generated pages, translations."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands
from django.test import Client

from channels_app.management.reference import pages

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
OURS = ("notifications_site", "diagnostics", "channels_app", "templates_app")
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.is_file()
)
TRANSLATED = [("README.md", "README.zh-CN.md")] + [
    (f"docs/{name}.md", f"docs/{name}.zh-CN.md")
    for name in ("operating", "guides/backup-and-restore")
]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NOTE = re.compile(r"^# .*$", re.MULTILINE)
SETTING = re.compile(r"^#?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
NOT_FOR_PRODUCTS = re.compile(
    r"/work/|\.library|/shared/|\bissues? #?\d|\b(?:TODO|FIXME|TBD)\b"
)

documents = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS]
)
translations = pytest.mark.parametrize(("english", "chinese"), TRANSLATED)


def text_of(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors_of(path: Path) -> set[str]:
    """Return the names under which a page's headings can be linked to."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in headings_of(path.read_text(encoding="utf-8")):
        plain = re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower())
        slug = plain.replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def headings_of(text: str) -> list[str]:
    return re.findall(r"^#{1,6} .+$", BLOCK.sub("", text), re.MULTILINE)


def commands_of_ours() -> set[str]:
    return {name for name, app in get_commands().items() if str(app) in OURS}


@documents
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors_of(target), link


@documents
def test_no_document_speaks_of_how_it_was_made(path: Path) -> None:
    assert not NOT_FOR_PRODUCTS.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SETTING.findall(text_of(".env.example")))
def test_every_setting_has_its_line(name: str) -> None:
    assert f"\n| `{name}` |" in text_of("docs/reference/settings.md")


def test_every_documented_setting_exists() -> None:
    lines = re.findall(r"\n\| `([A-Z_]+)` \|", text_of("docs/reference/settings.md"))
    assert sorted(lines) == sorted(SETTING.findall(text_of(".env.example")))


def test_every_id_of_a_wrong_setting_is_explained() -> None:
    ids = set(
        re.findall(r"settings\.E\d+", text_of("notifications_site/environment.py"))
    )
    page = text_of("docs/reference/settings.md")
    assert ids
    assert {found for found in ids if f"\n| `{found}` |" not in page} == set()


def test_every_command_is_documented() -> None:
    page = text_of("docs/reference/commands.md")
    documented = set(re.findall(r"^\| `([a-z_]+)[ `]", page, re.MULTILINE))
    assert commands_of_ours()
    assert commands_of_ours() - documented == set()


def test_every_target_of_make_is_documented() -> None:
    page = text_of("docs/reference/commands.md")
    targets = re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE)
    assert [name for name in targets if f"make {name}" not in page] == []


@pytest.mark.django_db
def test_every_path_of_the_api_is_documented(client: Client) -> None:
    page = text_of("docs/reference/api.md")
    paths = client.get("/api/schema/?format=json").json()["paths"]
    assert paths
    assert [path for path in paths if path.rstrip("/") not in page] == []


@pytest.mark.parametrize("name", ["errors.md", "channels.md"])
def test_generated_pages_are_current(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], (
        "run: python manage.py reference_pages"
    )


@translations
def test_a_translation_has_the_same_sections(english: str, chinese: str) -> None:
    levels = [
        [heading.split(" ")[0] for heading in headings_of(text_of(name))]
        for name in (english, chinese)
    ]
    assert levels[0] == levels[1]


@translations
def test_a_translation_shows_the_same_code(english: str, chinese: str) -> None:
    blocks = [
        [NOTE.sub("", block) for block in BLOCK.findall(text_of(name))]
        for name in (english, chinese)
    ]
    assert blocks[0] == blocks[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
@pytest.mark.parametrize("ending", ["sh", "py", "mjs"])
def test_the_first_request_is_shown_as_it_runs(name: str, ending: str) -> None:
    example = text_of(f"docs/examples/first_request.{ending}")
    assert f"\n{example}```\n" in text_of(name)


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("0*.md")))
def test_a_decision_record_is_short_and_listed(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").split()) <= 400
    assert f"]({path.name})" in text_of("docs/adr/README.md")


def test_every_picture_is_shown() -> None:
    shown = text_of("README.md")
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert f"docs/pictures/{picture.name}" in shown
