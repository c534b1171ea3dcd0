"""The shape Slack demands of message blocks, with its length limits."""

from collections.abc import Callable, Mapping

MAX_BLOCKS = 50
MAX_SECTION_TEXT = 3000
MAX_HEADER_TEXT = 150
MAX_FIELDS = 10
MAX_FIELD_TEXT = 2000
MAX_CONTEXT_ELEMENTS = 10
MAX_ACTION_ELEMENTS = 25
MAX_BUTTON_TEXT = 75
MAX_BUTTON_URL = 3000
MAX_BLOCK_ID = 255

Block = Mapping[str, object]


class BlocksError(ValueError):
    """The blocks are not as Slack wants them; the text says where."""


def check_blocks(blocks: object) -> None:
    """Refuse what Slack answers with `invalid_blocks`."""
    if not isinstance(blocks, list):
        raise BlocksError("blocks is not a list")
    if len(blocks) > MAX_BLOCKS:
        raise BlocksError(
            f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]"
        )
    for index, block in enumerate(blocks):
        _check_block(block, f"/blocks/{index}")


def _check_block(block: object, at: str) -> None:
    content = _object(block, at)
    kind = content.get("type")
    if kind in _PASSED_ON:
        return
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise BlocksError(f"unsupported type: {kind} [json-pointer:{at}/type]")
    block_id = content.get("block_id", "")
    if not isinstance(block_id, str) or len(block_id) > MAX_BLOCK_ID:
        raise BlocksError(
            f"must be less than 256 characters [json-pointer:{at}/block_id]"
        )
    check(content, at)


def _object(value: object, at: str) -> Block:
    if not isinstance(value, dict):
        raise BlocksError(f"must be an object [json-pointer:{at}]")
    return value


def _items(block: Block, name: str, at: str, most: int) -> list[object]:
    items = block.get(name)
    if not isinstance(items, list) or not items:
        raise BlocksError(f"missing required field: {name} [json-pointer:{at}]")
    if len(items) > most:
        raise BlocksError(
            f"no more than {most} items allowed [json-pointer:{at}/{name}]"
        )
    return items


def _check_text(value: object, at: str, most: int, *kinds: str) -> None:
    text = _object(value, at)
    kind, words = text.get("type"), text.get("text")
    if kind not in (kinds or ("plain_text", "mrkdwn")):
        raise BlocksError(f"unsupported type: {kind} [json-pointer:{at}/type]")
    if not isinstance(words, str) or not words:
        raise BlocksError(f"must be more than 0 characters [json-pointer:{at}/text]")
    if len(words) > most:
        raise BlocksError(
            f"must be less than {most + 1} characters [json-pointer:{at}/text]"
        )


def _check_section(block: Block, at: str) -> None:
    if "text" not in block and "fields" not in block:
        raise BlocksError(f"missing required field: text [json-pointer:{at}]")
    if "text" in block:
        _check_text(block["text"], f"{at}/text", MAX_SECTION_TEXT)
    if "fields" in block:
        for index, item in enumerate(_items(block, "fields", at, MAX_FIELDS)):
            _check_text(item, f"{at}/fields/{index}", MAX_FIELD_TEXT)
    if "accessory" in block:
        _check_element(block["accessory"], f"{at}/accessory")


def _check_header(block: Block, at: str) -> None:
    _check_text(block.get("text"), f"{at}/text", MAX_HEADER_TEXT, "plain_text")


def _check_context(block: Block, at: str) -> None:
    elements = _items(block, "elements", at, MAX_CONTEXT_ELEMENTS)
    for index, item in enumerate(elements):
        place = f"{at}/elements/{index}"
        if _object(item, place).get("type") == "image":
            _check_image(_object(item, place), place)
        else:
            _check_text(item, place, MAX_SECTION_TEXT)


def _check_actions(block: Block, at: str) -> None:
    elements = _items(block, "elements", at, MAX_ACTION_ELEMENTS)
    for index, item in enumerate(elements):
        _check_element(item, f"{at}/elements/{index}")


def _check_element(value: object, at: str) -> None:
    element = _object(value, at)
    kind = element.get("type")
    if not isinstance(kind, str):
        raise BlocksError(f"missing required field: type [json-pointer:{at}]")
    if kind == "image":
        _check_image(element, at)
    if kind == "button":
        _check_text(element.get("text"), f"{at}/text", MAX_BUTTON_TEXT, "plain_text")
        url = element.get("url", "")
        if not isinstance(url, str) or len(url) > MAX_BUTTON_URL:
            raise BlocksError(f"must be a valid URL [json-pointer:{at}/url]")


def _check_image(block: Block, at: str) -> None:
    if not (block.get("image_url") or block.get("slack_file")):
        raise BlocksError(f"missing required field: image_url [json-pointer:{at}]")
    if not isinstance(block.get("alt_text"), str):
        raise BlocksError(f"missing required field: alt_text [json-pointer:{at}]")


def _check_divider(_block: Block, _at: str) -> None:
    return


_CHECKS: Mapping[str, Callable[[Block, str], None]] = {
    "section": _check_section,
    "header": _check_header,
    "context": _check_context,
    "actions": _check_actions,
    "divider": _check_divider,
    "image": _check_image,
}
_PASSED_ON = ("rich_text", "markdown", "table", "video", "file", "input")
