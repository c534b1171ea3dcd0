import pytest

from diagnostics.sandbox.drawing import Block, Run
from diagnostics.sandbox.lark_drawing import draw

TITLE = {"tag": "plain_text", "content": "t"}


def blocks_of(*elements: object) -> tuple[Block, ...]:
    card = {"schema": "2.0", "body": {"elements": list(elements)}}
    return draw({"msg_type": "interactive", "card": card}).blocks


def test_columns_are_drawn_one_below_the_other() -> None:
    columns = [
        {"tag": "column", "elements": [{"tag": "markdown", "content": word}]}
        for word in ("a", "b")
    ]
    blocks = blocks_of({"tag": "column_set", "columns": columns})
    assert [block.text for block in blocks] == ["a", "b"]


@pytest.mark.parametrize(
    "button",
    [
        {"url": "https://x.y/"},
        {"multi_url": {"url": "https://x.y/", "pc_url": "https://z/"}},
        {"behaviors": [{"type": "open_url", "default_url": "https://x.y/"}]},
    ],
)
def test_a_button_leads_where_it_says(button: dict[str, object]) -> None:
    [block] = blocks_of({"tag": "button", "text": TITLE, "type": "danger", **button})
    assert block.buttons[0].href == "https://x.y/"
    assert block.buttons[0].look == "danger"


@pytest.mark.parametrize(
    ("element", "kind", "text"),
    [
        ({"tag": "img", "img_key": "img_1"}, "image", "img_1"),
        ({"tag": "chart"}, "note", "[chart]"),
        ({"tag": "div", "fields": [{"text": TITLE}]}, "field", "t"),
        ({"tag": "note", "elements": [TITLE]}, "note", "t"),
        ({"tag": "hr"}, "rule", ""),
    ],
)
def test_elements_are_drawn(element: object, kind: str, text: str) -> None:
    [block] = blocks_of(element)
    assert (block.kind, block.text) == (kind, text)


def test_markdown_is_drawn_with_its_marks() -> None:
    content = (
        "**b** *i* ~~s~~ `c` [l](https://x.y/) [bad](javascript:x) <at id=all></at> "
        "<at id=ou_1>Zoë</at> <font color='red'>r</font>"
    )
    [block] = blocks_of({"tag": "markdown", "content": content})
    assert [run for run in block.runs if run.styles] == [
        Run("b", ("bold",)),
        Run("i", ("italic",)),
        Run("s", ("strikethrough",)),
        Run("c", ("code",)),
        Run("l", ("text_link",), "https://x.y/"),
        Run("bad", ("text_link",)),
        Run("@all", ("mention",)),
        Run("@Zoë", ("mention",)),
        Run("r", ("tinted",)),
    ]


def test_an_escaped_character_is_shown_and_marks_nothing() -> None:
    content = "db&#45;1 &#42;&#42;not bold&#42;&#42; &lt;b&gt; `&#45;`"
    card = {"elements": [{"tag": "markdown", "content": content}]}
    (block,) = draw({"msg_type": "interactive", "card": card}).blocks
    assert block.text == "db-1 **not bold** <b> &#45;"


def test_a_text_keeps_markdown_as_it_is_but_shows_mentions() -> None:
    text = '**b** <at user_id="all">Everyone</at>'
    seen = draw({"msg_type": "text", "content": {"text": text}})
    assert seen.text == "**b** @Everyone"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"msg_type": "post", "content": {"post": {"zh_cn": 5}}},
        {"msg_type": "post", "content": {"post": {"zh_cn": {"content": [5]}}}},
        {"msg_type": "interactive", "card": {"elements": [5, {"tag": "action"}]}},
        {"msg_type": "interactive", "card": {"header": 5, "body": []}},
        {"msg_type": "text", "content": 5},
    ],
)
def test_whatever_arrives_can_be_drawn(message: dict[str, object]) -> None:
    draw(message)
