"""A Lark message as its reader sees it: bubble, post or card."""

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from diagnostics.sandbox.drawing import (
    Block,
    Button,
    Run,
    Seen,
    link_address,
    paragraph,
    seen_of,
)
from diagnostics.sandbox.inline import LARK_AT, LARK_MARKS, split_runs
from diagnostics.sandbox.lark_card import COLOURS

Part = Mapping[str, object]


def draw(message: Part) -> Seen:
    """Draw as much of a message as has the right shape."""
    content = _part(message.get("content"))
    match message.get("msg_type"):
        case "post":
            return _draw_post(_part(content.get("post")))
        case "interactive":
            return _draw_card(_part(message.get("card") or message.get("content")))
        case "image":
            return seen_of([_image(content.get("image_key"))])
        case "share_chat":
            return seen_of([paragraph(f"[{content.get('share_chat_id')}]", "mention")])
        case _:
            text = str(content.get("text", ""))
            return seen_of([Block(runs=split_runs(text, (LARK_AT,)))] if text else [])


def _part(value: object) -> Part:
    return value if isinstance(value, dict) else {}


def _parts(value: object) -> list[Part]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _image(key: object) -> Block:
    return Block("image", (Run(str(key)),))


def _draw_post(post: Part) -> Seen:
    page = _part(post.get("zh_cn") or next(iter(post.values()), {}))
    lines = page.get("content")
    blocks = [
        Block(runs=tuple(_node_run(node) for node in _parts(line)))
        for line in (lines if isinstance(lines, list) else [])
    ]
    return seen_of(blocks, title=str(page.get("title", "")))


def _node_run(node: Part) -> Run:
    match node.get("tag"):
        case "a":
            address = link_address(node.get("href"))
            return Run(str(node.get("text", "")), ("text_link",), address)
        case "at":
            name = node.get("user_name") or node.get("user_id")
            return Run(f"@{name}", ("mention",))
        case "img":
            return Run(f"[{node.get('image_key')}]", ("image",))
        case _:
            return Run(str(node.get("text", "")))


def _draw_card(card: Part) -> Seen:
    header, body = _part(card.get("header")), _part(card.get("body"))
    translated = next(iter(_part(card.get("i18n_elements")).values()), None)
    elements = body.get("elements") or card.get("elements") or translated
    colour = str(header.get("template", "default"))
    title = str(_part(header.get("title")).get("content", ""))
    return seen_of(
        (block for element in _parts(elements) for block in _draw_element(element)),
        title=title,
        colour=colour if title and colour in COLOURS else "default" if title else "",
    )


def _draw_element(element: Part) -> Iterator[Block]:
    drawn = _DRAWN.get(str(element.get("tag")))
    if drawn:
        yield from drawn(element)
    else:
        yield Block("note", (Run(f"[{element.get('tag')}]"),))


def _text_runs(value: object) -> tuple[Run, ...]:
    text = _part(value)
    content = str(text.get("content", ""))
    if text.get("tag") == "lark_md":
        return _marked(content)
    return (Run(content),) if content else ()


def _div(element: Part) -> Iterator[Block]:
    if "text" in element:
        yield Block("paragraph", _text_runs(element["text"]))
    for item in _parts(element.get("fields")):
        yield Block("field", _text_runs(item.get("text")))


def _markdown(element: Part) -> Iterator[Block]:
    content = str(element.get("content", ""))
    yield Block("paragraph", _marked(content))


def _marked(content: str) -> tuple[Run, ...]:
    # Lark reads `&#42;` as a character that marks nothing, except in code.
    return tuple(
        run if "code" in run.styles else replace(run, text=html.unescape(run.text))
        for run in split_runs(content, LARK_MARKS)
    )


def _rule(_element: Part) -> Iterator[Block]:
    yield Block("rule")


def _picture(element: Part) -> Iterator[Block]:
    yield _image(element.get("img_key"))


def _action(element: Part) -> Iterator[Block]:
    buttons = [
        _button_of(item)
        for item in _parts(element.get("actions"))
        if item.get("tag") == "button"
    ]
    yield Block("buttons", buttons=tuple(buttons))


def _button(element: Part) -> Iterator[Block]:
    yield Block("buttons", buttons=(_button_of(element),))


def _button_of(element: Part) -> Button:
    jumps = [
        behaviour.get("default_url")
        for behaviour in _parts(element.get("behaviors"))
        if behaviour.get("type") == "open_url"
    ]
    many = _part(element.get("multi_url")).get("url")
    address = element.get("url") or many or next(iter(jumps), "")
    look = str(element.get("type", "default")).partition("_")[0]
    known = look if look in ("primary", "danger") else "default"
    words = str(_part(element.get("text")).get("content", ""))
    return Button(words, link_address(address), known)


def _note(element: Part) -> Iterator[Block]:
    runs = [run for item in _parts(element.get("elements")) for run in _text_runs(item)]
    yield Block("note", tuple(runs))


def _nested(element: Part) -> Iterator[Block]:
    for child in _parts(element.get("columns")) + _parts(element.get("elements")):
        for inner in _parts(child.get("elements")) or [child]:
            if inner.get("tag") not in _CONTAINERS:
                yield from _draw_element(inner)


_CONTAINERS = ("column_set", "column", "form", "interactive_container")
_DRAWN: Mapping[str, Callable[[Part], Iterator[Block]]] = {
    "div": _div,
    "markdown": _markdown,
    "hr": _rule,
    "img": _picture,
    "action": _action,
    "button": _button,
    "note": _note,
} | dict.fromkeys((*_CONTAINERS, "collapsible_panel"), _nested)
