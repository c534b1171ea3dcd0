"""`manage.py templates export` and `import`: dry runs, differences, exit status."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from templates_app.models import NotificationTemplate
from templates_app.services import save_template

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("templates", *words, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def template() -> NotificationTemplate:
    return save_template(
        key="order",
        name="Order",
        contents={"webhook": {"content_template": "old"}},
        author="ann",
    ).template


def test_a_round_trip_over_files(
    template: NotificationTemplate, tmp_path: Path
) -> None:
    for name in ("all.json", "all.yaml"):
        path = tmp_path / name
        assert run("export", "--output", str(path))[0] == 0
        status, said = run("import", str(path))
        assert (status, said.splitlines()[0]) == (0, "same     order")
    assert (tmp_path / "all.yaml").read_text().startswith("templates:\n- key: order")


def test_a_dry_run_shows_the_difference_and_saves_nothing(
    template: NotificationTemplate, tmp_path: Path
) -> None:
    path = tmp_path / "all.json"
    path.write_text(run("export")[1].replace("old", "new"))
    status, said = run("import", str(path), "--dry-run")
    assert status == 0
    assert "      - old\n      + new" in said
    template.refresh_from_db()
    assert template.version == 1
    run("import", str(path))
    template.refresh_from_db()
    assert template.version == 2


def test_a_refused_file_ends_with_status_1_and_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"key": "a b", "name": "A", "contents": {"lark": {}}}')
    status, said = run("import", str(path), "--json")
    assert status == 1
    report = json.loads(said)
    assert report["possible"] is False
    assert len(report["templates"][0]["problems"]) > 1
    assert not NotificationTemplate.objects.exists()


def test_a_problem_is_told_with_its_line_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "key: a\nname: A\ncontents:\n  webhook:\n    content_template: 'Hi {{name'\n"
    )
    status, said = run("import", str(path))
    assert status == 1
    assert f"{path}:5:27: error /contents/webhook/content_template" in said


def test_what_cannot_be_read_ends_with_status_2(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"key: \xff")
    for words in (
        ("import", str(tmp_path / "nowhere")),
        ("import", str(tmp_path / "latin")),
        ("export", "nothing"),
        ("export", "--output", str(tmp_path / "no" / "folder.json")),
    ):
        with pytest.raises(CommandError) as caught:
            run(*words)
        assert caught.value.returncode == 2


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_starters_come_in(language: str) -> None:
    assert run("import", "--starters", language)[0] == 0
    assert NotificationTemplate.objects.count() == 6
