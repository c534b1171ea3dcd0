"""`manage.py templates lint` names every mistake at its place, and saves nothing."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from templates_app.models import NotificationTemplate, TemplateContent
from templates_app.services import save_template

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {
    "key": "order-paid",
    "name": "Order paid",
    "variables": ["name"],
    "contents": {"webhook": {"content_template": "Hello {{name}}"}},
}
BAD = """{"templates": [
  {"key": "no spaces", "name": "Bad", "variables": ["name"],
   "contents": {
     "lark": {"content_type": "json", "content_template": {
       "msg_type": "interactive",
       "card": {"elements": [
         {"tag": "divider"},
         {"tag": "markdown", "content": "ok {{ name() }}"}]}}},
     "telegram": {"content_type": "markdown", "content_template": "Hi\\n*{{name}}"}}}
]}"""


def lint(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("templates", "lint", *args, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def written(folder: Path, text: str) -> str:
    path = folder / "templates.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("shape", [GOOD, [GOOD], {"templates": [GOOD, GOOD]}])
def test_a_good_file_is_passed_in_each_of_its_shapes(
    tmp_path: Path, shape: object
) -> None:
    status, said = lint(written(tmp_path, json.dumps(shape)))
    assert status == 0
    assert "0 errors, 0 warnings." in said
    assert not NotificationTemplate.objects.exists()


def test_every_mistake_is_named_at_its_place_in_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, BAD)
    status, said = lint(file)
    assert status == 1
    lines = said.splitlines()
    assert lines[0].startswith(f"{file}:2:11: no spaces/key: error key_invalid:")
    assert f"{file}:8:41: no spaces/contents/lark" in said
    assert f"{file}:9:72: no spaces/contents/telegram" in said
    assert "1 templates, 3 errors" in lines[-1]


BAD_YAML = """# Ours
templates:
- key: no spaces
  name: "Bad"
  variables: [name]
  contents:
    lark:
      content_type: json
      content_template:
        msg_type: interactive
        card:
          elements:
          - {tag: markdown, content: 'ok {{ name() }}'}
    telegram:
      content_type: markdown
      content_template: |
        Hi
        *{{name}}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_mistake_is_named_at_its_place_in_yaml(
    tmp_path: Path, newline: str
) -> None:
    file = tmp_path / "templates.yaml"
    file.write_bytes(BAD_YAML.replace("\n", newline).encode())
    status, said = lint(str(file))
    assert status == 1
    lines = said.splitlines()
    assert lines[0].startswith(f"{file}:3:8: no spaces/key: error key_invalid:")
    assert f"{file}:13:38: no spaces/contents/lark" in said
    assert f"{file}:18:9: no spaces/contents/telegram" in said


def test_a_wrong_tag_is_found_once_the_inserts_are_in_order(tmp_path: Path) -> None:
    file = written(tmp_path, BAD.replace("name()", "name"))
    _status, said = lint(file, "--json")
    report = json.loads(said)
    (one,) = report["templates"]
    found = next(p for p in one["problems"] if p["code"] == "lark_tag_unknown")
    assert (found["file_line"], found["file_column"]) == (7, 18)
    assert found["where"] == "/contents/lark/content_template/card/elements/0/tag"
    assert (found["channel"], found["field"]) == ("lark", "content_template")
    assert found["remedy"]
    assert report["summary"] == {"templates": 1, "errors": 3, "warnings": 0}


def test_a_yaml_file_is_checked_as_well(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "key: k\nname: K\ncontents:\n  slack:\n    content_template: |\n"
        "      Hello\n      {{ x() }}\n",
    )
    status, said = lint(file)
    assert status == 1
    place = "k/contents/slack/content_template:2:1"
    assert said.startswith(f"{file}:7:7: {place}: error")


def test_stored_templates_are_checked_as_if_saved_again() -> None:
    saved = save_template(**GOOD, author="ann")
    assert lint("--all")[0] == 0
    TemplateContent.objects.filter(template=saved.template).update(
        content_template="{{ name() }}"
    )
    status, said = lint("--all")
    assert status == 1
    assert said.startswith("order-paid/contents/webhook/content_template:1:1: error")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"templates": [', ":1:16: This is not valid JSON"),
        (b'[{"key": 1, "key": 2}]', ":1:13: The key"),
        (b"[5]", "no template"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_status_2(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=told) as refused:
        lint(str(path))
    assert refused.value.returncode == 2


def test_a_file_that_is_not_there_is_status_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        lint(str(tmp_path / "none.json"))
    assert refused.value.returncode == 2
