import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.senders.pieces import is_blank
from channels_app.senders.telegram_markup import READERS
from channels_app.senders.telegram_pieces import split_markup
from templates_app.engine.escapes import escape_html, escape_markdown_v2

WORDS = st.text(st.sampled_from("ab .\n*_<&`\\张👍"), min_size=1, max_size=12)


def wrapped(
    marks: list[tuple[str, str]], leaves: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda mark, parts: mark[0] + "".join(parts) + mark[1],
            st.sampled_from(marks),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=8,
    )


HTML = wrapped(
    [("<b>", "</b>"), ('<a href="https://e.org/?a=1">', "</a>"), ("<pre>", "</pre>")],
    WORDS.map(escape_html),
)
# One mark a level: V2 forbids the same mark inside itself.
MARKDOWN_V2 = st.lists(
    st.one_of(
        WORDS.map(escape_markdown_v2),
        WORDS.map(lambda w: f"*{escape_markdown_v2(w)} _{escape_markdown_v2(w)}_*"),
        WORDS.map(lambda w: f"||~{escape_markdown_v2(w)}~||"),
        WORDS.map(lambda w: f"[{escape_markdown_v2(w)}](https://e.org/\\))"),
        st.just("```py\nprint\\`x```"),
        st.just("`a\\`b`"),
    ),
    max_size=8,
).map("".join)


@given(source=HTML, limit=st.integers(2, 30))
def test_html_pieces_stand_alone_and_lose_nothing(source: str, limit: int) -> None:
    check_pieces("HTML", source, limit)


@given(source=MARKDOWN_V2, limit=st.integers(2, 30))
def test_markdown_pieces_stand_alone_and_lose_nothing(source: str, limit: int) -> None:
    check_pieces("MarkdownV2", source, limit)


def check_pieces(mode: str, source: str, limit: int) -> None:
    read = READERS[mode]
    whole = read(source)
    assert whole.is_balanced
    pieces = split_markup(whole, limit, read)
    assert pieces is not None
    for piece in map(read, pieces):
        assert piece.is_balanced
        assert len(piece.shown) <= limit
        assert not is_blank(piece.shown)
    shown = "".join(read(piece).shown for piece in pieces)
    assert "".join(shown.split()) == "".join(whole.shown.split())


@pytest.mark.parametrize(
    ("mode", "source", "pieces"),
    [
        ("MarkdownV2", "*abcd*        ", ["*abcd*"]),
        ("MarkdownV2", "        *abcd*", ["*abcd*"]),
        ("HTML", "<b>abcd        efgh</b>", ["<b>abcd</b>", "<b>efgh</b>"]),
        ("Markdown", "*abcd* \n \n", ["*abcd*"]),
        ("HTML", "<b>        </b>", []),
        ("MarkdownV2", "```ab cde f```", ["```ab cde```", "```ab\n f```"]),
        ("MarkdownV2", "```\nabc de f```", ["```\nabc ```", "```\nde f```"]),
        ("Markdown", "```\nabc de f```", ["```\nabc ```", "```\nde f```"]),
    ],
)
def test_no_piece_is_blank_and_code_stays_code(
    mode: str, source: str, pieces: list[str]
) -> None:
    assert split_markup(READERS[mode](source), 4, READERS[mode]) == pieces


@given(source=st.text(), mode=st.sampled_from(sorted(READERS)))
def test_reading_never_fails_and_keeps_the_source(source: str, mode: str) -> None:
    markup = READERS[mode](source)
    raws = "".join(atom.raw for atom in markup.atoms)
    assert raws == source or "</" in source
    pieces = split_markup(markup, 5, READERS[mode])
    assert pieces is None or all(len(READERS[mode](p).shown) <= 5 for p in pieces)


@pytest.mark.parametrize(
    ("mode", "source", "shown"),
    [
        ("MarkdownV2", "*b* _i_ __u__ ~s~ ||x|| `c`", "b i u s x c"),
        ("MarkdownV2", "*b _i __u__ i_ b*", "b i u i b"),
        ("MarkdownV2", "![👍](tg://emoji?id=5)", "👍"),
        ("MarkdownV2", ">quoted\n>more", "quoted\nmore"),
        ("MarkdownV2", "```py\na = 1\n```", "a = 1\n"),
        ("MarkdownV2", "```py a = 1```", " a = 1"),
        ("MarkdownV2", "```\na = 1```", "a = 1"),
        ("MarkdownV2", "```a```", "a"),
        ("MarkdownV2", "```a\\\\```", "a\\"),
        ("MarkdownV2", ">>a\n**>b", "a\nb"),
        ("MarkdownV2", "[alone] and ``", "alone and "),
        ("MarkdownV2", f"[t](https://e.org/{'x' * 3_000})", "t"),
        ("MarkdownV2", "a\\_b \\\\ c", "a_b \\ c"),
        ("Markdown", "[alone] **b**", "alone b"),
        ("HTML", f'<a href="https://e.org/{"x" * 3_000}">t</a>', "t"),
        ("Markdown", "*b* _i_ `c` [t](u) a\\_b", "b i c t a_b"),
        ("Markdown", "*snake_case*", "snake_case"),
        ("HTML", '<b>b</b> <code class="language-x">c</code> &#128077;', "b c 👍"),
        ("HTML", '<a href="https://e.org/?a=1>2">t</a>', "t"),
    ],
)
def test_markup_shows_what_a_reader_sees(mode: str, source: str, shown: str) -> None:
    markup = READERS[mode](source)
    assert markup.is_balanced
    assert markup.shown == shown


@pytest.mark.parametrize(
    ("mode", "source"),
    [
        ("MarkdownV2", "2 * 3"),
        ("MarkdownV2", "*b _i* i_"),
        ("MarkdownV2", "[t](u"),
        ("MarkdownV2", "`open"),
        ("MarkdownV2", "```open"),
        ("MarkdownV2", "```a\\```"),
        ("MarkdownV2", "*a\n>b*"),
        ("Markdown", "```open`"),
        ("Markdown", "a_b"),
        ("HTML", "<b>x</i>"),
        ("HTML", "1 < 2"),
        ("HTML", "<b>x"),
    ],
)
def test_broken_markup_is_known_and_shown_as_it_is(mode: str, source: str) -> None:
    markup = READERS[mode](source)
    assert not markup.is_balanced
    assert split_markup(markup, 3, READERS[mode]) is None


@pytest.mark.parametrize(
    ("mode", "source"),
    [
        ("HTML", "<b>" * 20_000 + "x" + "</b>" * 20_000),
        ("HTML", '<a "' * 25_000),
        ("MarkdownV2", "](" * 50_000),
        ("MarkdownV2", "*_" * 50_000),
        ("Markdown", "[" * 100_000),
        ("MarkdownV2", "`" * 100_000),
        ("MarkdownV2", "\\" * 100_000),
        ("MarkdownV2", "```a" * 25_000),
        ("MarkdownV2", "```\\" * 25_000),
        ("MarkdownV2", "`\\" * 50_000),
        ("MarkdownV2", "[](\\" * 25_000),
        ("HTML", "<a x='" * 16_000),
        ("HTML", "<a " + "x" * 100_000),
    ],
)
def test_hostile_markup_of_100_kb_costs_little(mode: str, source: str) -> None:
    markup = READERS[mode](source)
    split_markup(markup, 4096, READERS[mode])
    assert markup.atoms
