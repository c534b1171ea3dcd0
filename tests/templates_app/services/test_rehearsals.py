"""A draft is rehearsed on what was really sent, before it can harm anybody."""

from collections.abc import Mapping
from typing import Any

import pytest

from channels_app.models.ids import new_message_id
from templates_app.services import TemplateDraft, rehearsals, save_template
from templates_app.services.rehearsals import Rehearsal, masked, rehearse
from tests.channels_app.rows import default_client, make_log

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _live() -> None:
    save_template(
        key="order",
        name="Order",
        variables=["name"],
        contents={"slack": {"content_template": "Hello {{name}}"}},
        author="ann",
    )


def sent(**variables: object) -> str:
    log = make_log(
        default_client(),
        request_id=new_message_id(),
        template_key="order",
        variables=variables,
    )
    return str(log.message_id)


def rehearsed(text: str, **changes: Any) -> Rehearsal:
    contents: Mapping[str, object] = {"slack": {"content_template": text}}
    draft = TemplateDraft(key="order", name="Order", contents=contents, **changes)
    return rehearse(draft)


def test_without_notifications_there_is_nothing_to_fail() -> None:
    found = rehearsed("Hi {{name}}")
    assert (found.total, found.is_good) == (0, True)


def test_a_strict_draft_names_all_that_is_missing_and_not_the_first_only() -> None:
    sent(name="Zoë")
    sent(name="Al", nick="A")
    found = rehearsed("Hi {{nick}} {{city}}", undefined="refuse")
    assert (found.total, found.failed) == (2, 2)
    assert found.missing == {"city": 2, "nick": 1}


def test_what_a_draft_would_change_is_shown_with_masked_values() -> None:
    sent(name="Zoë Quark")
    found = rehearsed("Hi {{name}}")
    assert (found.total, found.failed, found.changed) == (1, 0, 1)
    (change,) = found.changes
    assert [(row.before, row.after) for row in change.rows] == [
        ("Hello Zo•••••••", "Hi Zo•••••••")
    ]
    assert found.longest == {"slack": 12}


def test_an_unchanged_text_is_no_change() -> None:
    sent(name="Zoë")
    assert rehearsed("Hello {{name}}").changed == 0


def test_missing_values_are_counted_and_a_strict_draft_fails_on_them() -> None:
    sent(name="Zoë")
    sent(nick="Zo", name="Zoë")
    assert rehearsed("Hi {{nick}}").missing == {"nick": 1}
    strict = rehearsed("Hi {{nick}}", undefined="refuse")
    assert (strict.total, strict.failed, strict.is_good) == (2, 1, False)
    assert strict.failures[0].channel_type == "slack"


def test_a_draft_that_does_not_compile_fails_on_all() -> None:
    sent(name="Zoë")
    found = rehearsed("Hi {{name")
    assert (found.failed, found.is_good) == (1, False)


def test_a_draft_that_is_too_dear_is_given_up() -> None:
    for size in range(8):
        sent(items=list(range(100 + size)))
    loops = "{% for a in items %}{% for b in items %}{{a}}{% endfor %}{% endfor %}"
    found = rehearsed(loops)
    assert found.stopped
    assert found.total < 8


def test_masks_hide_texts_and_keep_numbers() -> None:
    value = {
        "name": "Zoë Quark",
        "n": 4,
        "code": 481516,
        "price": "12.50",
        "rate": -1234.5,
        "tags": ["ab", "secret"],
        "ok": True,
    }
    assert masked(value) == {
        "name": "Zo•••••••",
        "n": 4,
        "code": 480000,
        "price": "12.00",
        "rate": -1200.0,
        "tags": ["ab", "se••••"],
        "ok": True,
    }


def test_a_mask_that_a_filter_cannot_read_is_no_failure() -> None:
    sent(price="12.50", name="x")
    sent(price="about 12", name="x")
    found = rehearsed("{{name}} {{price|default('-')|upper}} {{name|length}}")
    assert found.failed == 0
    assert rehearsed("{{price|round(2)}}").failed == 1


def test_a_rehearsal_ends_after_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsals, "MOST_SECONDS", 0.0)
    for number in range(3):
        sent(name=f"n{number}")
    found = rehearsed("Hi {{name}}")
    assert found.stopped
    assert found.total == 1
