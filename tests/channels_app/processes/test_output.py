"""Output of several processes in one stream."""

import io
import os

import pytest

from channels_app.processes.output import LONGEST_LINE, LineSplitter, Printer


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"one\ntwo\n"], [b"one", b"two"]),
        ([b"on", b"e\nt", b"wo\n"], [b"one", b"two"]),
        ([b"one\r\n", b"no end"], [b"one", b"no end"]),
        ([b"\n"], [b""]),
        ([b"x" * (LONGEST_LINE + 1)], [b"x" * (LONGEST_LINE + 1)]),
    ],
)
def test_lines_are_whole_however_they_come(
    pieces: list[bytes], lines: list[bytes]
) -> None:
    seen: list[bytes] = []
    splitter = LineSplitter(seen.append)
    for piece in pieces:
        splitter.feed(piece)
    splitter.finish()
    assert seen == lines


def test_names_are_coloured_on_a_terminal_only() -> None:
    plain, coloured = io.BytesIO(), io.BytesIO()
    Printer(plain, coloured=False).say("web", "a\nb")
    Printer(coloured, coloured=True).say("web", "a")
    assert plain.getvalue() == b"web      | a\nweb      | b\n"
    assert coloured.getvalue() == b"\x1b[36mweb      | \x1b[0ma\n"


def test_a_reader_that_went_away_ends_the_printing_only() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as stream:
        printer = Printer(stream, coloured=False)
        printer.say("web", "nobody sees this")
        printer.say("web", "nor this")
