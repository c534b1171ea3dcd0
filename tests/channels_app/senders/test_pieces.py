import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.senders.pieces import is_blank, split_text


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("short", 10, ["short"]),
        ("", 10, []),
        (" \n\t", 10, []),
        ("abcd      ", 4, ["abcd"]),
        ("    abcd", 4, ["abcd"]),
        ("abcd        efgh", 4, ["abcd", "efgh"]),
        ("abcd\0\x07\n\r", 4, ["abcd"]),
        ("one two three", 8, ["one two ", "three"]),
        ("aaaa\nbb cc dd", 10, ["aaaa\nbb ", "cc dd"]),
        ("aaaaaa\nbb cc", 10, ["aaaaaa\n", "bb cc"]),
        ("aaaaa\n\nb\nc d e", 10, ["aaaaa\n\n", "b\nc d e"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("ab🇩🇪🇫🇷", 5, ["ab🇩🇪", "🇫🇷"]),
        ("abc👍🏽", 4, ["abc", "👍🏽"]),
        ("abce\u0301", 4, ["abc", "e\u0301"]),
        ("ab👩‍👧", 4, ["ab", "👩‍👧"]),
        ("abc\r\nd", 4, ["abc", "\r\nd"]),
        ("abc\ud83d\udc4d", 4, ["abc", "\ud83d\udc4d"]),
    ],
)
def test_text_is_cut_where_a_reader_would(
    text: str, limit: int, pieces: list[str]
) -> None:
    assert split_text(text, limit) == pieces


@given(
    text=st.text(st.sampled_from("a \n\u0301👍🏽🇩🇪\u200d")), limit=st.integers(1, 20)
)
def test_pieces_keep_the_limit_and_lose_nothing_that_shows(
    text: str, limit: int
) -> None:
    pieces = split_text(text, limit)
    assert seen("".join(pieces)) == seen(text)
    for piece in pieces:
        assert piece in text
        assert len(piece) <= limit
        assert not is_blank(piece)


def seen(text: str) -> str:
    return "".join(text.split())
