"""What a person would see of a message, as values that a page can draw."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_COLOURED = 20_000
_JSON_WORD = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*+"(?=\s*:))|(?P<text>"(?:[^"\\]|\\.)*+")'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)"
)


@dataclass(frozen=True)
class Run:
    """A stretch of text in one look."""

    text: str
    styles: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True)
class Button:
    """Something to press; only its address matters here."""

    text: str
    href: str = ""
    look: str = "default"


@dataclass(frozen=True)
class Block:
    """One piece from top to bottom: paragraph, heading, rule, code, quote and so on."""

    kind: str = "paragraph"
    runs: tuple[Run, ...] = ()
    buttons: tuple[Button, ...] = ()

    @property
    def text(self) -> str:
        words = [run.text for run in self.runs]
        return "".join(words) or " ".join(button.text for button in self.buttons)


@dataclass(frozen=True)
class Note:
    """A fact beside the message, such as the verdict on its signature."""

    name: str
    value: str


@dataclass(frozen=True)
class Seen:
    """A whole message: plain words for machines, blocks for the page."""

    title: str = ""
    text: str = ""
    colour: str = ""
    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()


def seen_of(
    blocks: Iterable[Block],
    *,
    title: str = "",
    colour: str = "",
    notes: Iterable[Note] = (),
) -> Seen:
    """Draw the blocks and keep their words beside them."""
    kept = tuple(blocks)
    text = "\n".join(block.text for block in kept if block.text)
    return Seen(title, text, colour, kept, tuple(notes))


def paragraph(text: str, *styles: str) -> Block:
    return Block(runs=(Run(text, styles),))


def json_runs(text: str) -> tuple[Run, ...]:
    """Give each word of a JSON text the look of what it is, if the text is not long."""
    if len(text) > MOST_COLOURED:
        return (Run(text),)
    runs = []
    at = 0
    for found in _JSON_WORD.finditer(text):
        if found.start() > at:
            runs.append(Run(text[at : found.start()]))
        runs.append(Run(found[0], (f"json-{found.lastgroup}",)))
        at = found.end()
    return (*runs, Run(text[at:])) if at < len(text) else tuple(runs)


def link_address(address: object) -> str:
    """Return the address when a browser may follow it, else nothing.

    Received text can hold `javascript:` and `data:` addresses.
    """
    if not isinstance(address, str):
        return ""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme in ("http", "https") else ""
