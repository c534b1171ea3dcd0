"""Saves of one template at the same time: each leaves its own version."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from templates_app.models import NotificationTemplate, TemplateVersion
from templates_app.selectors import compiled_template
from templates_app.services import save_template

SAVES = 8


def save(number: int) -> int:
    try:
        saved = save_template(
            key="busy",
            name=f"Busy {number}",
            contents={"webhook": {"content_template": f"text {number}"}},
            author=f"author {number}",
        )
        return saved.template.version
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_no_save_is_lost_and_no_number_is_used_twice() -> None:
    with ThreadPoolExecutor(SAVES) as pool:
        numbers = list(pool.map(save, range(SAVES)))
    assert sorted(numbers) == list(range(1, SAVES + 1))
    template = NotificationTemplate.objects.get()
    last = TemplateVersion.objects.get(number=SAVES)
    assert template.version == SAVES
    assert template.template_name == last.snapshot["name"]
    rendered = compiled_template("busy").render("webhook", {})
    assert rendered.content == last.snapshot["contents"][0]["content_template"]
    assert rendered.version == SAVES
