"""Files of templates in the admin: out with a click, in after a look."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from templates_app.models import NotificationTemplate
from tests.people import logged_in, make_person, make_superuser
from tests.templates_app.admin.test_templates import LIST, make_template

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

IMPORT = f"{LIST}import/"


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


def exported(
    client: Client, action: str = "export_chosen", kind: str = "json"
) -> bytes:
    rows = [str(pk) for pk in NotificationTemplate.objects.values_list("pk", flat=True)]
    form = {"action": action, "_selected_action": rows}
    answer = client.post(LIST, form)
    name = f"templates.{kind}"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    return bytes(answer.content)


def looked_at(client: Client, content: bytes) -> str:
    file = SimpleUploadedFile("templates.json", content)
    return client.post(IMPORT, {"file": file}).content.decode()


def test_a_file_goes_out_and_comes_in_after_a_look(boss: Client) -> None:
    template = make_template()
    text = exported(boss).decode().replace("Hello", "Goodbye")

    page = looked_at(boss, text.encode())
    template.refresh_from_db()
    assert template.version == 1
    assert '<td class="nt-diff-old">Hello {{name}}</td>' in page

    done = boss.post(IMPORT, {"text": text, "confirmed": "yes"}, follow=True)
    template.refresh_from_db()
    assert template.version == 2
    assert b"1 template is imported." in done.content


def test_a_file_goes_out_as_yaml_too(boss: Client) -> None:
    make_template()
    text = exported(boss, "export_yaml", "yaml")
    assert text.startswith(b"templates:\n- key: order\n")
    assert "The same" in looked_at(boss, text)


def test_a_refused_file_says_every_problem_and_cannot_be_confirmed(
    boss: Client,
) -> None:
    bad = json.dumps({"key": "a b", "name": "A", "contents": {"slack": {}}})
    page = looked_at(boss, bad.encode())
    assert "Nothing is imported while one template is refused" in page
    assert "Line 1, column 9 of the file:" in page
    boss.post(IMPORT, {"text": bad, "confirmed": "yes"})
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", "not UTF-8"),
        (b"a: [", "Line 1, column 5 of the file: The file is neither JSON nor YAML"),
        (b" ", "Choose a file"),
    ],
)
def test_what_is_no_file_is_told_at_the_field(
    boss: Client, content: bytes, said: str
) -> None:
    assert said in looked_at(boss, content)


def test_the_starters_come_in_from_the_admin(boss: Client) -> None:
    assert "starter_order" in boss.post(IMPORT, {"starters": "en"}).content.decode()
    boss.post(IMPORT, {"starters": "en", "confirmed": "yes"})
    assert NotificationTemplate.objects.count() == 6


def test_a_viewer_takes_out_and_brings_nothing_in() -> None:
    make_template()
    client = logged_in(make_person("viewer"))
    assert b"order" in exported(client)
    assert client.get(IMPORT).status_code == 403


def test_a_file_too_large_to_confirm_is_told_at_once(boss: Client) -> None:
    assert "manage.py templates import" in looked_at(boss, b'["' + b"x" * 1_040_000)
