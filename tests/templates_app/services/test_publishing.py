"""Drafts are not live until published; every old version can come back."""

from typing import Any

import pytest

from templates_app.models import DraftTemplate, NotificationTemplate, TemplateVersion
from templates_app.refusals import (
    DraftNotFound,
    TemplateInvalid,
    TemplateMoved,
    TemplateNotFound,
    VersionNotFound,
)
from templates_app.selectors import (
    compiled_template,
    template_count,
    template_detail,
    templates,
)
from templates_app.services import save_content
from templates_app.services.publishing import (
    begin_draft,
    draft_named,
    draft_to_edit,
    drop_draft,
    keep_draft,
    publish_template,
    roll_back,
    seen_of,
)
from templates_app.services.saving import deactivate_template

pytestmark = pytest.mark.django_db


def fields(text: str, **changes: Any) -> Any:
    return {
        "key": "order",
        "name": "Order",
        "variables": ["name"],
        "contents": {"slack": {"content_template": text}},
        "author": "ann",
        **changes,
    }


def live(name: str = "Zoë") -> str:
    return compiled_template("order").render("slack", {"name": name}).content


def test_a_draft_changes_nothing_until_it_is_published() -> None:
    publish_template(**fields("Old {{name}}"))
    keep_draft(**fields("New {{name}}", author="bob", note="nicer"))
    assert live() == "Old Zoë"

    publish_template(**fields("New {{name}}"))
    assert live() == "New Zoë"
    assert not DraftTemplate.objects.exists()


def test_a_template_that_begins_as_a_draft_is_nowhere_until_it_is_published() -> None:
    kept = begin_draft(**fields("Soon {{name"))
    assert (kept.base_version, kept.template.version) == (0, 0)
    assert draft_named("order").contents == {
        "slack": {"content_template": "Soon {{name"}
    }
    assert templates(include_inactive=True) == []
    assert template_count(include_inactive=True) == 0
    for gone in (
        lambda: compiled_template("order"),
        lambda: template_detail(key="order"),
        lambda: deactivate_template(key="order"),
        lambda: save_content(
            key="order", channel_type="lark", content_template="x", author="ann"
        ),
    ):
        with pytest.raises(TemplateNotFound):
            gone()

    saved = publish_template(**fields("Now {{name}}"))
    assert (saved.created, saved.template.version) == (True, 1)
    assert live() == "Now Zoë"
    assert not DraftTemplate.objects.exists()


def test_a_begun_draft_that_is_dropped_leaves_nothing() -> None:
    begin_draft(**fields("Soon"))
    drop_draft(key="order")
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", None, "a" * 101, "a\n"])
def test_a_draft_needs_a_key(key: object) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        begin_draft(**fields("Soon", key=key))
    assert [problem.code for problem in refused.value.problems] == ["key_invalid"]
    assert not NotificationTemplate.objects.exists()


def test_a_draft_takes_nobodys_key() -> None:
    publish_template(**fields("Old"))
    with pytest.raises(TemplateInvalid) as refused:
        begin_draft(**fields("Mine"))
    assert [problem.code for problem in refused.value.problems] == ["key_taken"]
    assert live() == "Old"


def test_a_draft_may_hold_mistakes_and_a_refused_publication_keeps_it() -> None:
    publish_template(**fields("Old {{name}}"))
    keep_draft(**fields("New {{name"))
    with pytest.raises(TemplateInvalid):
        publish_template(**fields("New {{name"))
    assert live() == "Old Zoë"
    editing = draft_to_edit(NotificationTemplate.objects.get())
    assert editing.contents == {"slack": {"content_template": "New {{name"}}


def test_a_draft_remembers_the_version_it_was_begun_on() -> None:
    publish_template(**fields("One"))
    keep_draft(**fields("Draft"))
    NotificationTemplate.objects.update(version=5)
    keep_draft(**fields("Draft, longer"))
    kept = DraftTemplate.objects.get()
    assert (kept.base_version, kept.author) == (1, "ann")


def test_a_discarded_draft_is_gone_and_the_live_version_stays() -> None:
    publish_template(**fields("Old {{name}}"))
    keep_draft(**fields("New"))
    drop_draft(key="order")
    assert live() == "Old Zoë"
    with pytest.raises(DraftNotFound):
        drop_draft(key="order")


def test_only_a_template_that_exists_can_have_a_draft() -> None:
    with pytest.raises(TemplateNotFound):
        keep_draft(**fields("New"))


def test_going_back_makes_a_new_version_of_the_old_text() -> None:
    publish_template(**fields("One {{name}}", sample_variables={"name": "a"}))
    publish_template(**fields("Two {{name}}", sample_variables={"name": "b"}))

    saved = roll_back(key="order", number=1, author="eve", channel_types=("slack",))

    assert (saved.template.version, live()) == (3, "One Zoë")
    assert saved.template.sample_variables == {"name": "b"}
    newest = TemplateVersion.objects.first()
    assert newest is not None
    assert (newest.author, newest.note) == ("eve", "Back to version 1.")


def test_there_is_no_way_back_to_a_version_that_never_was() -> None:
    publish_template(**fields("One"))
    with pytest.raises(VersionNotFound):
        roll_back(key="order", number=9, author="eve", channel_types=("slack",))


def test_an_old_text_that_todays_rules_refuse_does_not_come_back() -> None:
    publish_template(**fields("One {{name}}"))
    publish_template(**fields("Two {{name}}"))
    old = TemplateVersion.objects.get(number=1)
    broken = {**old.snapshot}
    broken["contents"][0]["content_template"] = "One {{name"
    TemplateVersion.objects.filter(pk=old.pk).update(snapshot=broken)
    with pytest.raises(TemplateInvalid):
        roll_back(key="order", number=1, author="eve", channel_types=("slack",))
    assert live() == "Two Zoë"


def test_what_was_published_meanwhile_is_not_overwritten() -> None:
    publish_template(**fields("One {{name}}"))
    seen = seen_of(NotificationTemplate.objects.get())
    publish_template(**fields("Two {{name}}"))
    for store in (publish_template, keep_draft):
        with pytest.raises(TemplateMoved):
            store(seen=seen, **fields("Three {{name}}"))
    assert live() == "Two Zoë"
    assert not DraftTemplate.objects.exists()


def test_a_draft_that_somebody_else_kept_is_neither_overwritten_nor_thrown_away() -> (
    None
):
    publish_template(**fields("One {{name}}"))
    seen = seen_of(NotificationTemplate.objects.get())
    keep_draft(**fields("Theirs {{name}}", author="bob"))
    for store in (publish_template, keep_draft):
        with pytest.raises(TemplateMoved):
            store(seen=seen, **fields("Mine {{name}}"))
    assert DraftTemplate.objects.get().author == "bob"
    assert live() == "One Zoë"

    both = seen_of(NotificationTemplate.objects.get())
    publish_template(seen=both, **fields("Mine {{name}}"))
    assert live() == "Mine Zoë"
