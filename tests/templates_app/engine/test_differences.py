"""Two states of a template are compared line beside line."""

from hypothesis import given
from hypothesis import strategies as st

from templates_app.engine.differences import differences, rows_of

texts = st.text(alphabet="ab\n", max_size=30)


def snapshot(text: str, **facts: object) -> dict[str, object]:
    content = {
        "channel_type": "slack",
        "content_type": "text",
        "subject_template": "",
        "content_template": text,
    }
    return {"name": "Order", "variables": ["a"], "contents": [content], **facts}


def test_equal_states_have_no_difference() -> None:
    assert differences(snapshot("x"), snapshot("x")) == ()


def test_a_changed_line_stands_beside_what_it_was() -> None:
    (found,) = differences(snapshot("one\ntwo"), snapshot("one\n2\nthree"))
    assert (found.channel, found.field) == ("slack", "content_template")
    assert [(row.kind, row.before, row.after) for row in found.rows] == [
        ("same", "one", "one"),
        ("changed", "two", "2"),
        ("changed", "", "three"),
    ]


def test_facts_come_first_and_a_new_channel_is_all_new() -> None:
    before = snapshot("x")
    after = {**before, "name": "Orders", "variables": ["a", "b"], "contents": []}
    found = differences(before, after)
    assert [one.field for one in found][:2] == ["name", "variables"]
    assert {row.kind for one in found[2:] for row in one.rows} == {"removed"}


@given(texts, texts)
def test_both_texts_can_be_read_off_the_rows(before: str, after: str) -> None:
    rows = rows_of(before, after)
    assert [r.before for r in rows if r.before_no] == before.splitlines()
    assert [r.after for r in rows if r.after_no] == after.splitlines()
    assert all((r.kind == "same") <= (r.before == r.after) for r in rows)
