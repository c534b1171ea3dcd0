"""Slack's message blocks: their types, their parts, their lengths and counts."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error
from templates_app.formats.shapes import (
    fixed_length,
    is_object,
    is_open,
    missing_part,
    not_a_list,
    not_a_text,
    open_part,
)

MAX_BLOCKS = 50
_MAX_SECTION = 3000
_MAX_HEADER = 150
_MAX_FIELDS = 10
_MAX_FIELD = 2000
_MAX_CONTEXT = 10
_MAX_ACTIONS = 25
_MAX_BUTTON = 75
_MAX_URL = 3000
_MAX_ID = 255
_TEXT_TYPES = frozenset({"plain_text", "mrkdwn"})
_PLAIN = frozenset({"plain_text"})
_NOT_LOOKED_INTO = frozenset(
    {"file", "input", "markdown", "rich_text", "table", "video"}
)

Block = dict[str, object]


def block_problems(blocks: object) -> Iterator[Problem]:
    """Report what Slack answers with `invalid_blocks`, each at its block."""
    if blocks is None:
        return
    if is_open(blocks):
        yield open_part("/blocks")
        return
    if not isinstance(blocks, list):
        yield error(
            "slack_blocks_not_a_list",
            _("“blocks” must be a list."),
            _("Write the blocks in square brackets."),
            "/blocks",
        )
        return
    if len(blocks) > MAX_BLOCKS:
        yield error(
            "slack_too_many_blocks",
            _("There are %(count)d blocks; Slack takes %(limit)d.")
            % {"count": len(blocks), "limit": MAX_BLOCKS},
            _("Join some of them."),
            "/blocks",
        )
        return
    for index, block in enumerate(blocks):
        yield from _one_block(block, f"/blocks/{index}")


def text_too_long(where: str, size: int, limit: int) -> Problem:
    """Report a text that is over Slack's limit whatever the values are."""
    return error(
        "slack_text_too_long",
        _("The text has %(size)d characters; Slack takes %(limit)d.")
        % {"size": size, "limit": limit},
        _("Shorten it, or split it over several blocks."),
        where,
    )


def too_many_items(where: str, count: int, limit: int) -> Problem:
    """Report a list that is over Slack's limit."""
    return error(
        "slack_too_many_items",
        _("There are %(count)d items; Slack takes %(limit)d.")
        % {"count": count, "limit": limit},
        _("Leave some out, or split them over several blocks."),
        where,
    )


def _one_block(block: object, where: str) -> Iterator[Problem]:
    if is_open(block):
        yield open_part(where)
        return
    if not is_object(block):
        yield missing_part(f"{where}/type", '{"type": "section", …}')
        return
    kind = block.get("type")
    if isinstance(kind, str) and kind in _NOT_LOOKED_INTO:
        return
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield _unknown_type(kind, where, sorted(_CHECKS.keys() | _NOT_LOOKED_INTO))
        return
    yield from _short_text(block.get("block_id", ""), f"{where}/block_id", _MAX_ID)
    yield from check(block, where)


def _unknown_type(kind: object, where: str, known: list[str]) -> Problem:
    return error(
        "slack_type_unknown",
        _("Slack knows no type “%(type)s” here.") % {"type": str(kind)[:40]},
        _("Use one of: %(names)s.") % {"names": ", ".join(known)},
        f"{where}/type",
    )


def _short_text(value: object, where: str, most: int) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield not_a_text(where)
    elif fixed_length(value) > most:
        yield text_too_long(where, fixed_length(value), most)


def _text(
    value: object, where: str, most: int, types: frozenset[str] = _TEXT_TYPES
) -> Iterator[Problem]:
    if is_open(value):
        yield open_part(where)
        return
    if not is_object(value):
        yield missing_part(where, '{"type": "plain_text", "text": "…"}')
        return
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in types:
        yield _unknown_type(kind, where, sorted(types))
    words = value.get("text")
    if not isinstance(words, str) or not words:
        yield missing_part(f"{where}/text", '"text": "…"')
    else:
        yield from _short_text(words, f"{where}/text", most)


def _items(
    block: Block,
    name: str,
    where: str,
    most: int,
    check: Callable[[object, str], Iterator[Problem]],
) -> Iterator[Problem]:
    items, at = block.get(name), f"{where}/{name}"
    if is_open(items):
        yield open_part(at)
    elif not items:
        yield missing_part(at, f'"{name}": […]')
    elif not isinstance(items, list):
        yield not_a_list(at)
    elif len(items) > most:
        yield too_many_items(at, len(items), most)
    else:
        for index, item in enumerate(items):
            yield from check(item, f"{at}/{index}")


def _section(block: Block, where: str) -> Iterator[Problem]:
    if not {"text", "fields"} & block.keys():
        yield missing_part(f"{where}/text", '{"type": "mrkdwn", "text": "…"}')
    if "text" in block:
        yield from _text(block["text"], f"{where}/text", _MAX_SECTION)
    if "fields" in block:
        yield from _items(block, "fields", where, _MAX_FIELDS, _field)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{where}/accessory")


def _field(item: object, where: str) -> Iterator[Problem]:
    yield from _text(item, where, _MAX_FIELD)


def _header(block: Block, where: str) -> Iterator[Problem]:
    yield from _text(block.get("text"), f"{where}/text", _MAX_HEADER, _PLAIN)


def _context(block: Block, where: str) -> Iterator[Problem]:
    yield from _items(block, "elements", where, _MAX_CONTEXT, _context_item)


def _context_item(item: object, where: str) -> Iterator[Problem]:
    if is_object(item) and item.get("type") == "image":
        yield from _image(item, where)
    else:
        yield from _text(item, where, _MAX_SECTION)


def _actions(block: Block, where: str) -> Iterator[Problem]:
    yield from _items(block, "elements", where, _MAX_ACTIONS, _element)


def _element(element: object, where: str) -> Iterator[Problem]:
    if is_open(element):
        yield open_part(where)
        return
    kind = element.get("type") if is_object(element) else None
    if not is_object(element) or not isinstance(kind, str) or is_open(kind):
        yield missing_part(f"{where}/type", '"type": "button"')
    elif kind == "image":
        yield from _image(element, where)
    elif kind == "button":
        yield from _text(element.get("text"), f"{where}/text", _MAX_BUTTON, _PLAIN)
        yield from _short_text(element.get("url", ""), f"{where}/url", _MAX_URL)


def _image(block: Block, where: str) -> Iterator[Problem]:
    if not (block.get("image_url") or block.get("slack_file")):
        yield missing_part(f"{where}/image_url", '"image_url": "https://…"')
    if not isinstance(block.get("alt_text"), str):
        yield missing_part(f"{where}/alt_text", '"alt_text": "…"')


def _divider(_block: Block, _where: str) -> Iterator[Problem]:
    yield from ()


_CHECKS: Mapping[str, Callable[[Block, str], Iterator[Problem]]] = MappingProxyType(
    {
        "actions": _actions,
        "context": _context,
        "divider": _divider,
        "header": _header,
        "image": _image,
        "section": _section,
    }
)
