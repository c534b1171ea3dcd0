"""A Slack message as its reader sees it: mrkdwn and the common blocks."""

from collections.abc import Callable, Iterator, Mapping

from diagnostics.sandbox.drawing import (
    Block,
    Button,
    Note,
    Run,
    Seen,
    link_address,
    seen_of,
)
from diagnostics.sandbox.inline import SLACK_MARKS, split_runs

Part = Mapping[str, object]


def draw(message: Part, max_text: int) -> Seen:
    """Draw the blocks, or the text where there are none."""
    text = str(message.get("text") or "")
    blocks = _parts(message.get("blocks"))
    parts = [part for block in blocks for part in _draw_block(block)]
    if text and not parts:
        parts = [Block(runs=split_runs(text[:max_text], SLACK_MARKS))]
    notes = [Note("cut", str(max_text))] if len(text) > max_text else []
    seen = seen_of([*parts, *_attachments(message)], notes=notes)
    return Seen("", text[:max_text] or seen.text, "", seen.blocks, seen.notes)


def _parts(value: object) -> list[Part]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _attachments(message: Part) -> Iterator[Block]:
    for item in _parts(message.get("attachments")):
        words = item.get("text") or item.get("fallback") or item.get("title")
        yield Block("quote", split_runs(str(words or ""), SLACK_MARKS))


def _draw_block(block: Part) -> Iterator[Block]:
    draw_part = _DRAWN.get(str(block.get("type")))
    if draw_part:
        yield from draw_part(block)
    else:
        yield Block("note", (Run(f"[{block.get('type')}]"),))


def _runs(value: object) -> tuple[Run, ...]:
    if not isinstance(value, dict):
        return ()
    text = str(value.get("text", ""))
    if value.get("type") == "mrkdwn":
        return split_runs(text, SLACK_MARKS)
    return (Run(text),)


def _section(block: Part) -> Iterator[Block]:
    if "text" in block:
        yield Block("paragraph", _runs(block["text"]))
    for item in _parts(block.get("fields")):
        yield Block("field", _runs(item))
    accessory = block.get("accessory")
    if isinstance(accessory, dict) and accessory.get("type") == "button":
        yield Block("buttons", buttons=(_button(accessory),))


def _header(block: Part) -> Iterator[Block]:
    yield Block("heading", _runs(block.get("text")))


def _divider(_block: Part) -> Iterator[Block]:
    yield Block("rule")


def _context(block: Part) -> Iterator[Block]:
    runs: list[Run] = []
    for item in _parts(block.get("elements")):
        words = _runs(item) or (Run(f"[{item.get('alt_text', 'image')}]"),)
        runs += [Run("  "), *words] if runs else words
    yield Block("note", tuple(runs))


def _actions(block: Part) -> Iterator[Block]:
    buttons = [_button(item) for item in _parts(block.get("elements"))]
    yield Block("buttons", buttons=tuple(buttons))


def _image(block: Part) -> Iterator[Block]:
    yield Block("image", (Run(str(block.get("alt_text") or block.get("image_url"))),))


def _markdown(block: Part) -> Iterator[Block]:
    yield Block("paragraph", (Run(str(block.get("text", ""))),))


def _button(item: Part) -> Button:
    text = item.get("text")
    words = text.get("text") if isinstance(text, dict) else item.get("type")
    look = str(item.get("style") or "default")
    known = look if look in ("primary", "danger") else "default"
    return Button(str(words), link_address(item.get("url")), known)


_DRAWN: Mapping[str, Callable[[Part], Iterator[Block]]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "markdown": _markdown,
}
