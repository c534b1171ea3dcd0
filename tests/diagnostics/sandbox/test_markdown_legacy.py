import pytest

from diagnostics.sandbox.entities import Entity, EntityError, Parsed
from diagnostics.sandbox.markdown_legacy import parse_markdown


@pytest.mark.parametrize(
    ("text", "offset"), [("张_a", 3), ("*a", 0), ("[a", 0), ("`a", 0), ("```\na``", 0)]
)
def test_an_unclosed_mark_is_refused_with_its_place(text: str, offset: int) -> None:
    with pytest.raises(EntityError) as caught:
        parse_markdown(text)
    words = f"Can't find end of the entity starting at byte offset {offset}"
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("a.b! (c) 1-2", "a.b! (c) 1-2", []),
        ("\\_a\\*", "_a*", []),
        ("_a_ *b*", "a b", [("Italic", 0, 1, ""), ("Bold", 2, 1, "")]),
        ("*a\\*", "a\\", [("Bold", 0, 2, "")]),
        ("`a`", "a", [("Code", 0, 1, "")]),
        ("```py\na```", "a", [("PreCode", 0, 1, "py")]),
        ("```\na```", "a", [("Pre", 0, 1, "")]),
        ("[a](http://x.y/z)b", "ab", [("TextUrl", 0, 1, "http://x.y/z")]),
        ("[x.y]", "x.y", [("TextUrl", 0, 3, "http://x.y/")]),
        ("[a](localhost", "a", []),
    ],
)
def test_good_markup_becomes_text_and_entities(
    text: str, plain: str, entities: list[tuple[str, int, int, str]]
) -> None:
    assert parse_markdown(text) == Parsed(plain, tuple(Entity(*e) for e in entities))
