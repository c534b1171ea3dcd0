import pytest

from diagnostics.sandbox.lark_card import (
    NOT_ALLOWED,
    UNREADABLE,
    UNSUPPORTED,
    CardError,
    check_card,
)

TITLE = {"tag": "plain_text", "content": "t"}
BUTTON = {"tag": "button", "text": TITLE}
HR = {"tag": "hr"}


def one(*elements: object, **more: object) -> dict[str, object]:
    return {"elements": list(elements), **more}


def two(*elements: object, **more: object) -> dict[str, object]:
    return {"schema": "2.0", "body": {"elements": list(elements)}, **more}


@pytest.mark.parametrize(
    "card",
    [
        one(),
        one(HR, {"tag": "action", "actions": [BUTTON]}),
        one({"tag": "div", "fields": [{"is_short": True, "text": TITLE}]}),
        one({"tag": "note", "elements": [TITLE]}, header={"title": TITLE}),
        one(HR, unknown=1),
        {"i18n_elements": {"zh_cn": [HR], "en_us": []}},
        two(BUTTON, {"tag": "markdown", "content": "a", "element_id": "a_1"}),
        two({"tag": "column_set", "columns": [{"tag": "column", "elements": [HR]}]}),
        two(header={"title": TITLE, "template": "red"}, config={}),
    ],
)
def test_a_good_card_passes(card: dict[str, object]) -> None:
    check_card(card)


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({}, UNREADABLE),
        (one("hr"), UNREADABLE),
        (one({}), UNREADABLE),
        (one(header=[]), UNREADABLE),
        (one(header={"title": "t"}), UNREADABLE),
        (one(header={"title": {"tag": "markdown", "content": "t"}}), UNREADABLE),
        (one(header={"title": TITLE, "text_tag_list": [{}] * 4}), UNREADABLE),
        (one({"tag": "div"}), UNREADABLE),
        (one({"tag": "markdown"}), UNREADABLE),
        (one({"tag": "img"}), UNREADABLE),
        (one({"tag": "action"}), UNREADABLE),
        (one({"tag": "note"}), UNREADABLE),
        (one({"tag": "divider"}), UNSUPPORTED),
        (one(BUTTON), NOT_ALLOWED),
        (one({"tag": "action", "actions": [HR]}), NOT_ALLOWED),
        (one(*[HR] * 201), UNSUPPORTED),
        ({"schema": "3.0"}, UNREADABLE),
        ({"schema": "2.0", "elements": [HR]}, UNREADABLE),
        ({"schema": "2.0"}, UNREADABLE),
        (two(HR, unknown=1), UNREADABLE),
        (two(HR, header={"title": TITLE, "unknown": 1}), UNREADABLE),
        (two({"tag": "action", "actions": [BUTTON]}), NOT_ALLOWED),
        (two({"tag": "note", "elements": [TITLE]}), NOT_ALLOWED),
        (two({"tag": "pigeon"}), UNSUPPORTED),
        (two({"tag": "hr", "element_id": "1a"}), UNREADABLE),
        (two(*[HR] * 201), UNSUPPORTED),
        (two(*[{"tag": "table"}] * 6), UNSUPPORTED),
    ],
)
def test_a_bad_card_is_refused_with_the_inner_code(
    card: dict[str, object], code: int
) -> None:
    with pytest.raises(CardError) as caught:
        check_card(card)
    assert caught.value.code == code
