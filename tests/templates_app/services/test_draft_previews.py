"""A draft is shown as far as it works, before anybody saves it."""

from collections.abc import Mapping

from templates_app.services.draft_previews import DraftPreview, preview_draft
from templates_app.services.drafts import TemplateDraft

SAMPLES = {"name": "Zoë"}


def preview(
    contents: Mapping[str, object],
    *,
    undefined: str = "keep",
    samples: object = SAMPLES,
) -> DraftPreview:
    draft = TemplateDraft(
        key="greeting",
        name="Greeting",
        contents=contents,
        variables=["name"],
        undefined=undefined,
        sample_variables=samples,
    )
    return preview_draft(draft)


def content(text: object, kind: str = "text") -> dict[str, object]:
    return {"content_type": kind, "content_template": text}


def test_every_channel_is_rendered_with_the_sample_values() -> None:
    shown = preview(
        {"lark": content("Hi {{name}}"), "webhook": content("{{_user_id}}")}
    )
    texts = {one.channel_type: one.message for one in shown.messages}
    assert [m.content for m in texts.values() if m] == ["Hi Zoë", "user"]
    assert not [p for p in shown.problems if p.severity == "error"]


def test_a_mistake_in_one_channel_hides_no_other() -> None:
    shown = preview({"lark": content("Hi {{name"), "webhook": content("Hi {{name}}")})
    broken, whole = shown.messages
    assert broken.message is None
    assert broken.problem is not None
    assert (broken.problem.line, broken.problem.where[:14]) == (1, "/contents/lark")
    assert whole.message is not None


def test_missing_values_are_named_and_a_strict_template_says_so() -> None:
    (kept,) = preview({"lark": content("Hi {{nick}}")}).messages
    assert kept.message is not None
    assert kept.message.missing == ("nick",)
    (refused,) = preview({"lark": content("Hi {{nick}}")}, undefined="refuse").messages
    assert refused.message is None
    assert refused.problem is not None


def test_samples_that_are_no_object_count_as_none() -> None:
    shown = preview({"lark": content("Hi {{name}}")}, samples=["x"])
    assert shown.messages[0].message is not None
    assert "sample_variables_invalid" in {problem.code for problem in shown.problems}
