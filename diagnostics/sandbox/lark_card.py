"""The basic shape of Lark's cards, JSON 1.0 and 2.0, with the inner error codes."""

import re
from collections.abc import Callable, Iterator, Mapping

Part = Mapping[str, object]

UNREADABLE = 200621
NOT_ALLOWED = 200410
UNSUPPORTED = 11310
MAX_ELEMENTS = 200
MAX_TAGS = 3
MAX_TABLES = 5

COLOURS = frozenset(
    [
        "blue",
        "wathet",
        "turquoise",
        "green",
        "yellow",
        "orange",
        "red",
        "carmine",
        "violet",
        "purple",
        "indigo",
        "grey",
        "default",
    ]
)

_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_SHARED_TAGS = frozenset(
    [
        "div",
        "markdown",
        "hr",
        "img",
        "img_combination",
        "column_set",
        "column",
        "form",
        "interactive_container",
        "collapsible_panel",
        "person",
        "person_list",
        "chart",
        "table",
        "input",
        "button",
        "overflow",
        "select_static",
        "multi_select_static",
        "select_person",
        "multi_select_person",
        "date_picker",
        "picker_time",
        "picker_datetime",
        "select_img",
        "checker",
    ]
)
_TAGS_1 = _SHARED_TAGS | {"action", "note"}
_REMOVED_IN_2 = frozenset({"action", "note"})
_INSIDE_ACTION = frozenset(
    [
        "button",
        "overflow",
        "select_static",
        "multi_select_static",
        "select_person",
        "multi_select_person",
        "date_picker",
        "picker_time",
        "picker_datetime",
    ]
)
_TOP_2 = frozenset(["schema", "config", "card_link", "header", "body"])
_HEADER_2 = frozenset(
    [
        "title",
        "subtitle",
        "text_tag_list",
        "i18n_text_tag_list",
        "template",
        "icon",
        "padding",
    ]
)
_CONFIG_2 = frozenset(
    {"streaming_mode", "streaming_config", "summary", "locales", "enable_forward"}
    | {"update_multi", "width_mode", "use_custom_translation", "style"}
    | {"enable_forward_interaction"}
)
_TAGS_2 = _SHARED_TAGS | {"audio"}
_CHILDREN = ("elements", "columns", "actions")


class CardError(ValueError):
    """The card is refused: inner code, words, and the offending value."""

    def __init__(self, code: int, words: str, value: object = "") -> None:
        super().__init__(words)
        self.code = code
        self.value = value


def check_card(card: Part) -> None:
    """Refuse what the card service refuses, for the edition the card says it is."""
    schema = card.get("schema", "1.0")
    if schema == "2.0":
        _check_2(card)
    elif schema == "1.0":
        _check_1(card)
    else:
        raise _unreadable("schema")


def _unreadable(value: object) -> CardError:
    words = "parse card json err, please check whether the card json is correct"
    return CardError(UNREADABLE, words, value)


def _check_1(card: Part) -> None:
    _check_header(card)
    for elements in _element_lists(card):
        _check_count(elements)
        for element in elements:
            tag = _tag(element)
            if tag not in _TAGS_1:
                raise CardError(UNSUPPORTED, "unsupported type of block", tag)
            if tag in _INSIDE_ACTION:
                raise CardError(NOT_ALLOWED, "component not allowed here", tag)
            _check_element(element)


def _element_lists(card: Part) -> list[list[Part]]:
    translated = card.get("i18n_elements")
    if isinstance(translated, dict) and translated:
        return [_parts(value, "i18n_elements") for value in translated.values()]
    return [_parts(card.get("elements"), "elements")]


def _check_2(card: Part) -> None:
    _check_known(card, _TOP_2)
    _check_header(card)
    config = card.get("config")
    if isinstance(config, dict):
        _check_known(config, _CONFIG_2)
        if config.get("update_multi") is False:
            raise _unreadable("config.update_multi")
    header, body = card.get("header"), card.get("body")
    if isinstance(header, dict):
        _check_known(header, _HEADER_2)
    if not isinstance(body, dict):
        raise _unreadable("body")
    elements = _parts(body.get("elements"), "body.elements")
    _check_count(elements)
    for element in _all(elements):
        tag = _tag(element)
        if tag in _REMOVED_IN_2:
            words = "cards of schema V2 no longer support this capability"
            raise CardError(NOT_ALLOWED, words, f"unsupported tag {tag}")
        if tag not in _TAGS_2:
            raise CardError(UNSUPPORTED, "unsupported type of block", tag)
        _check_element(element)
        _check_id(element)


def _check_known(part: Part, known: frozenset[str]) -> None:
    unknown = sorted(set(part) - known)
    if unknown:
        raise CardError(UNREADABLE, "unknown property", unknown[0])


def _parts(value: object, where: str) -> list[Part]:
    if not isinstance(value, list):
        raise _unreadable(where)
    if not all(isinstance(item, dict) for item in value):
        raise _unreadable(where)
    return value


def _all(elements: list[Part]) -> Iterator[Part]:
    waiting = list(reversed(elements))
    while waiting:
        element = waiting.pop()
        yield element
        if element.get("tag") == "table":
            continue  # its columns are descriptions, no elements
        for name in _CHILDREN:
            children = element.get(name)
            if isinstance(children, list):
                waiting.extend(c for c in reversed(children) if isinstance(c, dict))


def _check_count(elements: list[Part]) -> None:
    everything = list(_all(elements))
    if len(everything) > MAX_ELEMENTS:
        raise CardError(UNSUPPORTED, "number of elements over limit", len(everything))
    tables = sum(element.get("tag") == "table" for element in everything)
    if tables > MAX_TABLES:
        raise CardError(UNSUPPORTED, "card table number over limit", tables)


def _tag(element: Part) -> str:
    tag = element.get("tag")
    if not isinstance(tag, str) or not tag:
        raise _unreadable("tag")
    return tag


def _check_id(element: Part) -> None:
    element_id = element.get("element_id")
    if element_id is None:
        return
    if not isinstance(element_id, str) or not _ELEMENT_ID.fullmatch(element_id):
        raise CardError(UNREADABLE, "invalid element_id", element_id)


def _check_header(card: Part) -> None:
    header = card.get("header")
    if header is None:
        return
    if not isinstance(header, dict):
        raise _unreadable("header")
    _check_text(header.get("title"), "header.title")
    tags = header.get("text_tag_list", [])
    if not isinstance(tags, list) or len(tags) > MAX_TAGS:
        raise _unreadable("header.text_tag_list")


def _check_text(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise _unreadable(where)
    if value.get("tag") not in ("plain_text", "lark_md"):
        raise _unreadable(f"{where}.tag")
    if not isinstance(value.get("content"), str) and "i18n" not in value:
        raise _unreadable(f"{where}.content")


def _check_element(element: Part) -> None:
    check = _CHECKS.get(str(element["tag"]))
    if check:
        check(element)


def _check_markdown(element: Part) -> None:
    if not isinstance(element.get("content"), str):
        raise _unreadable("markdown.content")


def _check_image(element: Part) -> None:
    if not isinstance(element.get("img_key"), str):
        raise _unreadable("img.img_key")


def _check_button(element: Part) -> None:
    _check_text(element.get("text"), "button.text")


def _check_note(element: Part) -> None:
    _parts(element.get("elements"), "note.elements")


def _check_div(element: Part) -> None:
    if "text" not in element and "fields" not in element:
        raise _unreadable("div.text")
    if "text" in element:
        _check_text(element["text"], "div.text")
    for item in _parts(element.get("fields", []), "div.fields"):
        _check_text(item.get("text"), "div.fields.text")


def _check_action(element: Part) -> None:
    for item in _parts(element.get("actions"), "action.actions"):
        tag = _tag(item)
        if tag not in _INSIDE_ACTION:
            raise CardError(NOT_ALLOWED, "component not allowed here", tag)
        _check_element(item)


_CHECKS: Mapping[str, Callable[[Part], None]] = {
    "div": _check_div,
    "markdown": _check_markdown,
    "img": _check_image,
    "action": _check_action,
    "button": _check_button,
    "note": _check_note,
}
