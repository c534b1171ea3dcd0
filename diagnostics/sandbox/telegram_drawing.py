"""A Telegram message as its reader sees it: entities turned into looks."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby, pairwise

from diagnostics.sandbox.drawing import (
    Block,
    Button,
    Note,
    Run,
    Seen,
    link_address,
    seen_of,
)
from diagnostics.sandbox.entities import Entity, Parsed, utf16_length, utf16_slice
from diagnostics.sandbox.telegram_params import Params, is_true

_JSON_TYPES = {
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "TextUrl": "text_link",
    "MentionName": "text_mention",
    "CustomEmoji": "custom_emoji",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
}
_BLOCK_KINDS = {
    "Pre": "code",
    "PreCode": "code",
    "BlockQuote": "quote",
    "ExpandableBlockQuote": "quote",
}


def entity_json(entity: Entity) -> dict[str, object]:
    """Write an entity the way the API's answer holds it."""
    content: dict[str, object] = {
        "offset": entity.offset,
        "length": entity.length,
        "type": _JSON_TYPES[entity.kind],
    }
    match entity.kind:
        case "PreCode":
            content["language"] = entity.argument
        case "TextUrl":
            content["url"] = entity.argument
        case "CustomEmoji":
            content["custom_emoji_id"] = entity.argument
        case "MentionName":
            user = {"id": int(entity.argument), "is_bot": False, "first_name": "User"}
            content["user"] = user
    return content


def draw(parsed: Parsed, markup: Mapping[str, object], params: Params) -> Seen:
    """Draw the text with its entities, its buttons, and what is said beside it."""
    seen = seen_of([*_blocks(parsed), *_keyboard(markup)], notes=_notes(params))
    return Seen("", parsed.text, "", seen.blocks, seen.notes)


def _blocks(parsed: Parsed) -> Iterator[Block]:
    previous = "paragraph"
    for kind, pieces in groupby(_pieces(parsed), key=lambda piece: piece[0]):
        runs = [run for _, run in pieces]
        if previous != "paragraph":
            # The line break after a block is the end of the block, not a line.
            runs[0] = replace(runs[0], text=runs[0].text.removeprefix("\n"))
        yield Block(kind, tuple(runs))
        previous = kind


def _pieces(parsed: Parsed) -> Iterator[tuple[str, Run]]:
    marks = {0, utf16_length(parsed.text)}
    marks.update(e.offset for e in parsed.entities)
    marks.update(e.end for e in parsed.entities)
    for start, end in pairwise(sorted(marks)):
        over = [e for e in parsed.entities if e.offset <= start and end <= e.end]
        kinds = [_BLOCK_KINDS[e.kind] for e in over if e.kind in _BLOCK_KINDS]
        yield (
            kinds[0] if kinds else "paragraph",
            _run(utf16_slice(parsed.text, start, end), over),
        )


def _run(text: str, over: list[Entity]) -> Run:
    styles = tuple(_JSON_TYPES[e.kind] for e in over if e.kind not in _BLOCK_KINDS)
    links = [e.argument for e in over if e.kind == "TextUrl"]
    return Run(text, styles, link_address(links[0]) if links else "")


def _keyboard(markup: Mapping[str, object]) -> Iterator[Block]:
    rows = markup.get("inline_keyboard")
    for row in rows if isinstance(rows, list) else []:
        buttons = [_button(item) for item in row if isinstance(item, dict)]
        yield Block("buttons", buttons=tuple(buttons))


def _button(item: Mapping[str, object]) -> Button:
    return Button(str(item.get("text", "")), link_address(item.get("url")))


def _notes(params: Params) -> Iterator[Note]:
    yield Note("chat", params.get("chat_id", ""))
    if params.get("message_thread_id"):
        yield Note("topic", params["message_thread_id"])
    if params.get("parse_mode"):
        yield Note("parse_mode", params["parse_mode"])
    if is_true(params.get("disable_notification", "")):
        yield Note("silent", "")
