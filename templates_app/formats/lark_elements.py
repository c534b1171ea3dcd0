"""What single elements of a Lark card must hold."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error, warning
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_a_list,
    open_part,
)

ACTIONS = frozenset(
    {"button", "date_picker", "multi_select_person", "multi_select_static"}
    | {"overflow", "picker_datetime", "picker_time", "select_person", "select_static"}
)
SHARED_TAGS = ACTIONS | frozenset(
    {"chart", "checker", "collapsible_panel", "column", "column_set", "div", "form"}
    | {"hr", "img", "img_combination", "input", "interactive_container", "markdown"}
    | {"person", "person_list", "select_img", "table"}
)
_TEXT_TAGS = frozenset({"plain_text", "lark_md"})
_OPEN_AT = re.compile(r"<at\b[^<>]*\bid\s*=\s*[\"']?\{\{", re.IGNORECASE)

Element = dict[str, object]


def element_problems(element: Element, tag: str, where: str) -> Iterator[Problem]:
    """Report what is missing from an element, or of the wrong kind."""
    check = _CHECKS.get(tag)
    if check is not None:
        yield from check(element, where)


def text_problems(text: object, where: str) -> Iterator[Problem]:
    """Report a text object that is none."""
    if is_open(text):
        yield open_part(where)
        return
    if not is_object(text):
        yield missing_part(where, '{"tag": "plain_text", "content": "…"}')
        return
    if str(text.get("tag")) not in _TEXT_TAGS:
        yield error(
            "lark_text_tag_unknown",
            _("The tag of a text is plain_text or lark_md."),
            _('Write "tag": "plain_text", or "lark_md" for markdown.'),
            f"{where}/tag",
        )
    if not isinstance(text.get("content"), str) and "i18n" not in text:
        yield missing_part(f"{where}/content", '"content": "…"')
    yield from at_problems(text.get("content"), f"{where}/content")


def at_problems(content: object, where: str) -> Iterator[Problem]:
    """Warn of a mention whose person comes from a value: “all” rings everybody."""
    if isinstance(content, str) and _OPEN_AT.search(content):
        yield warning(
            "lark_at_open",
            _("The person of an <at> comes from a value; “all” rings everybody."),
            _("Write the id itself, or check the value before you send it."),
            where,
        )


def _markdown(element: Element, where: str) -> Iterator[Problem]:
    if not isinstance(element.get("content"), str):
        yield missing_part(f"{where}/content", '"content": "**{{title}}**"')
    yield from at_problems(element.get("content"), f"{where}/content")


def _image(element: Element, where: str) -> Iterator[Problem]:
    if not isinstance(element.get("img_key"), str):
        yield missing_part(f"{where}/img_key", '"img_key": "img_…"')


def _button(element: Element, where: str) -> Iterator[Problem]:
    yield from text_problems(element.get("text"), f"{where}/text")
    has_link = {"url", "multi_url", "behaviors"} & element.keys()
    if "value" in element and not has_link:
        yield warning(
            "lark_callback",
            _("A custom bot's card cannot call a server: the button does nothing."),
            _('Give the button a "url".'),
            where,
        )


def _div(element: Element, where: str) -> Iterator[Problem]:
    if not {"text", "fields"} & element.keys():
        yield missing_part(f"{where}/text", '"text": {"tag": "lark_md", …}')
    if "text" in element:
        yield from text_problems(element["text"], f"{where}/text")
    yield from _parts(element, "fields", where, _field)


def _field(item: object, where: str) -> Iterator[Problem]:
    text = item.get("text") if is_object(item) else None
    yield from text_problems(text, f"{where}/text")


def _any(item: object, where: str) -> Iterator[Problem]:
    if not is_object(item):
        yield missing_part(f"{where}/tag", '{"tag": …}')


def _note(element: Element, where: str) -> Iterator[Problem]:
    if "elements" not in element:
        yield missing_part(
            f"{where}/elements", '"elements": [{"tag": "plain_text", …}]'
        )
    yield from _parts(element, "elements", where, _any)


def _action(element: Element, where: str) -> Iterator[Problem]:
    if "actions" not in element:
        yield missing_part(f"{where}/actions", '"actions": [{"tag": "button", …}]')
    yield from _parts(element, "actions", where, _any)


def _column_set(element: Element, where: str) -> Iterator[Problem]:
    yield from _parts(element, "columns", where, _any)


def _parts(
    element: Element,
    name: str,
    where: str,
    check: Callable[[object, str], Iterator[Problem]],
) -> Iterator[Problem]:
    items = element.get(name, [])
    if is_open(items):
        # Open lists of elements are reported where the elements are walked.
        yield from [open_part(f"{where}/{name}")] if name == "fields" else []
    elif not isinstance(items, list):
        yield not_a_list(f"{where}/{name}")
    else:
        for index, item in enumerate(items):
            yield from check(item, f"{where}/{name}/{index}")


_CHECKS: Mapping[str, Callable[[Element, str], Iterator[Problem]]] = MappingProxyType(
    {
        "action": _action,
        "button": _button,
        "column_set": _column_set,
        "div": _div,
        "img": _image,
        "markdown": _markdown,
        "note": _note,
    }
)
