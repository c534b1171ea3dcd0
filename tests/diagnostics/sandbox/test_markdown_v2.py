import pytest

from diagnostics.sandbox.entities import Entity, EntityError, Parsed
from diagnostics.sandbox.markdown_v2 import parse_markdown_v2


def said(text: str) -> str:
    with pytest.raises(EntityError) as caught:
        parse_markdown_v2(text)
    return str(caught.value)


@pytest.mark.parametrize("character", list("]()>#+-=|{}.!"))
def test_a_bare_reserved_character_is_refused_by_name(character: str) -> None:
    assert said(f"a{character}b") == (
        f"Character '{character}' is reserved and must be escaped "
        "with the preceding '\\'"
    )


@pytest.mark.parametrize("character", list("_*[]()~`>#+-=|{}.!\\"))
def test_an_escaped_reserved_character_is_itself(character: str) -> None:
    assert parse_markdown_v2(f"a\\{character}b") == Parsed(f"a{character}b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # Byte offsets: 张 has three bytes and 🚀 has four.
        ("_open", "Can't find end of Italic entity at byte offset 0"),
        ("张三 *open", "Can't find end of Bold entity at byte offset 7"),
        ("🚀_a *b_", "Can't find end of Italic entity at byte offset 9"),
        ("__a _b___", "Can't find end of Italic entity at byte offset 8"),
        ("a __b_ c", "Can't find end of Italic entity at byte offset 5"),
        ("a _b__ c", "Can't find end of Underline entity at byte offset 4"),
        ("~a", "Can't find end of Strikethrough entity at byte offset 0"),
        ("x||a\\||", "Character '|' is reserved and must be escaped with the "),
        ("x||a\\|", "Can't find end of Spoiler entity at byte offset 1"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("x```py\na`", "Can't find end of Code entity at byte offset 8"),
        ("x```a", "Can't find end of Pre entity at byte offset 1"),
        ("x```a b", "Can't find end of PreCode entity at byte offset 1"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("[a](https://x.y", "Can't find end of a URL at byte offset 4"),
        ("[a](x\\)", "Can't find end of a URL at byte offset 4"),
        ("![a]", "Custom emoji entity must contain a tg://emoji URL"),
        ("![a](tg://emoji?id=1", "Can't find end of a custom emoji URL at byte offset"),
        ("![a](http://e.f)", "Custom emoji URL must have scheme tg"),
        ("![a](tg://smile?id=1)", 'Custom emoji URL must have host "emoji"'),
        ("![a](tg://emoji)", "Custom emoji URL must have an emoji identifier"),
        ("![a](tg://emoji?id=01)", "Invalid custom emoji identifier specified"),
        (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
        (">a||b\nc", "Can't find end of Spoiler entity at byte offset 2"),
        (">a__||\n", "Can't find end of Underline entity at byte offset 2"),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(text: str, words: str) -> None:
    assert said(text).startswith(words.rstrip())


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("", "", []),
        ("plain 张三", "plain 张三", []),
        ("\\", "\\", []),
        ("\\张", "\\张", []),
        ("*a*", "a", [("Bold", 0, 1, "")]),
        ("**", "", []),
        ("🚀_a_", "🚀a", [("Italic", 2, 1, "")]),
        ("_a __b___", "a b", [("Italic", 0, 3, ""), ("Underline", 2, 1, "")]),
        ("*a _b_*", "a b", [("Bold", 0, 3, ""), ("Italic", 2, 1, "")]),
        ("||a|| ~b~", "a b", [("Spoiler", 0, 1, ""), ("Strikethrough", 2, 1, "")]),
        ("`a.b!`", "a.b!", [("Code", 0, 4, "")]),
        ("`a\\`b`", "a`b", [("Code", 0, 3, "")]),
        ("```\na_b\n```", "a_b\n", [("Pre", 0, 4, "")]),
        ("```py\na*b\n```", "a*b\n", [("PreCode", 0, 4, "py")]),
        ("```py\r\na```", "a", [("PreCode", 0, 1, "py")]),
        ("```\n\na```", "\na", [("Pre", 0, 2, "")]),
        ("[a](http://x.y/z)", "a", [("TextUrl", 0, 1, "http://x.y/z")]),
        ("[a](http://x.y/\\))", "a", [("TextUrl", 0, 1, "http://x.y/)")]),
        ("[a](x.y)", "a", [("TextUrl", 0, 1, "http://x.y/")]),
        ("[x\\.y]", "x.y", [("TextUrl", 0, 3, "http://x.y/")]),
        ("[a](localhost)", "a", []),
        ("[a](javascript:x)", "a", []),
        ("[](http://x.y)", "", []),
        ("[a](tg://user?id=42)", "a", [("MentionName", 0, 1, "42")]),
        ("![👍](tg://emoji?id=5)", "👍", [("CustomEmoji", 0, 2, "5")]),
        (">a", "a", [("BlockQuote", 0, 1, "")]),
        (">a\n>b\nc", "a\nb\nc", [("BlockQuote", 0, 4, "")]),
        ("a\n>b", "a\nb", [("BlockQuote", 2, 1, "")]),
        (">a||", "a", [("ExpandableBlockQuote", 0, 1, "")]),
        (">a||\nb", "a\nb", [("ExpandableBlockQuote", 0, 2, "")]),
        (">a\r\n>b||\r\nc", "a\r\nb\r\nc", [("ExpandableBlockQuote", 0, 6, "")]),
        (">*a*\n", "a\n", [("BlockQuote", 0, 2, ""), ("Bold", 0, 1, "")]),
    ],
)
def test_good_markup_becomes_text_and_entities(
    text: str, plain: str, entities: list[tuple[str, int, int, str]]
) -> None:
    parsed = parse_markdown_v2(text)
    assert parsed == Parsed(plain, tuple(Entity(*entity) for entity in entities))
