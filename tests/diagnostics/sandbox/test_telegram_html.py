import pytest

from diagnostics.sandbox.entities import Entity, EntityError, Parsed
from diagnostics.sandbox.telegram_html import parse_html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("张<p>b</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b>a</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<i =a>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i a = ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a=b,>", "Unexpected end of name token at byte offset 5"),
        ("<a href='x>", "Unclosed start tag at byte offset 0"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("&#xD800;", "Text contains invalid Unicode characters after decoding HTML"),
    ],
)
def test_broken_html_is_refused_in_telegrams_words(text: str, words: str) -> None:
    with pytest.raises(EntityError) as caught:
        parse_html(text)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("a &lt;b&gt; &amp; &quot;c&quot;", 'a <b> & "c"', []),
        ("&nbsp; &#65;&#x42; &#0; &", "&nbsp; AB &#0; &", []),
        ("&lt5", "<5", []),
        ("<b>a</b><STRONG>b</strong>", "ab", [("Bold", 0, 1, ""), ("Bold", 1, 1, "")]),
        ("🚀<i>a</i>", "🚀a", [("Italic", 2, 1, "")]),
        (
            "<u><del>a</del></u>",
            "a",
            [("Underline", 0, 1, ""), ("Strikethrough", 0, 1, "")],
        ),
        ("<b></b>", "", []),
        ("<b>a</>", "a", [("Bold", 0, 1, "")]),
        ("<span class='tg-spoiler'>a</span>", "a", [("Spoiler", 0, 1, "")]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("Spoiler", 0, 1, "")]),
        (
            '<a href="http://x.y/?a&amp;b">l</a>',
            "l",
            [("TextUrl", 0, 1, "http://x.y/?a&b")],
        ),
        ("<a href=x.y>l</a>", "l", [("TextUrl", 0, 1, "http://x.y/")]),
        ("<a>x.y</a>", "x.y", [("TextUrl", 0, 3, "http://x.y/")]),
        ('<a href="javascript:x">l</a>', "l", []),
        ('<a href="tg://user?id=7">l</a>', "l", [("MentionName", 0, 1, "7")]),
        ("<code>a</code>", "a", [("Code", 0, 1, "")]),
        ("<pre>a</pre>", "a", [("Pre", 0, 1, "")]),
        (
            '<pre><code class="language-py">a</code></pre>',
            "a",
            [("PreCode", 0, 1, "py")],
        ),
        (
            '<code class="language-py"><pre>a</pre></code>',
            "a",
            [("PreCode", 0, 1, "py")],
        ),
        ('<code class="language-py">a</code>', "a", [("Code", 0, 1, "")]),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', "👍", [("CustomEmoji", 0, 2, "5")]),
        ("<blockquote>a</blockquote>", "a", [("BlockQuote", 0, 1, "")]),
        (
            "<blockquote expandable>a</blockquote>",
            "a",
            [("ExpandableBlockQuote", 0, 1, "")],
        ),
    ],
)
def test_good_html_becomes_text_and_entities(
    text: str, plain: str, entities: list[tuple[str, int, int, str]]
) -> None:
    assert parse_html(text) == Parsed(plain, tuple(Entity(*e) for e in entities))
