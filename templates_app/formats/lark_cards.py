"""Lark's cards, JSON 1.0 and 2.0: parts, tags, counts, and what 2.0 has no room for."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error, warning
from templates_app.formats.lark_elements import (
    ACTIONS,
    SHARED_TAGS,
    element_problems,
    text_problems,
)
from templates_app.formats.lark_properties import unknown_in_element, unknown_parts
from templates_app.formats.shapes import (
    is_object,
    is_open,
    is_part,
    missing_part,
    not_a_list,
    open_part,
)

MAX_ELEMENTS = 200
MAX_TABLES = 5
MAX_HEADER_TAGS = 3

_ONLY_IN_1 = frozenset({"action", "note"})
_ONLY_IN_2 = frozenset({"audio"})
_COLOURS = frozenset(
    {"blue", "carmine", "default", "green", "grey", "indigo", "orange"}
    | {"purple", "red", "turquoise", "violet", "wathet", "yellow"}
)
_CHILDREN = ("elements", "columns", "actions")
_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")


def card_problems(card: dict[str, object]) -> Iterator[Problem]:
    """Report what the card service refuses, each at its part of the card."""
    schema = card.get("schema", "1.0")
    if schema not in ("1.0", "2.0"):
        yield error(
            "lark_schema_unknown",
            _("Lark knows the card schemas 1.0 and 2.0."),
            _('Write "schema": "2.0", or leave it out for 1.0.'),
            "/schema",
        )
        return
    yield from _header_problems(card.get("header"))
    yield from _link_problems(card.get("card_link"))
    if schema == "2.0":
        yield from _problems_in_2(card)
    else:
        yield from _problems_in_1(card)


def _problems_in_1(card: dict[str, object]) -> Iterator[Problem]:
    translated = card.get("i18n_elements")
    if "elements" not in card and not (translated and is_part(translated)):
        example = '"elements": [{"tag": "markdown", "content": "…"}]'
        if "body" in card:
            example = '"schema": "2.0"'
        yield missing_part("/elements", example)
        return
    if is_open(translated):
        yield open_part("/i18n_elements")
    elif is_object(translated):
        for language, elements in translated.items():
            yield from _list_problems(elements, f"/i18n_elements/{language}", False)
    if "elements" in card:
        yield from _list_problems(card["elements"], "/elements", False)


def _problems_in_2(card: dict[str, object]) -> Iterator[Problem]:
    yield from unknown_parts(card)
    body = card.get("body")
    if is_open(body):
        yield open_part("/body")
    elif not is_object(body) or "elements" not in body:
        yield missing_part("/body/elements", '"body": {"elements": […]}')
    else:
        yield from _list_problems(body["elements"], "/body/elements", True)


def _list_problems(elements: object, where: str, is_2: bool) -> Iterator[Problem]:
    if is_open(elements):
        yield open_part(where)
        return
    if not isinstance(elements, list):
        yield not_a_list(where)
        return
    everything = list(_walk(elements, where, ""))
    yield from _count_problems(everything, where)
    for element, at, holder in everything:
        yield from _one_problem(element, at, holder, is_2)


def _walk(
    elements: list[object], where: str, holder: str
) -> Iterator[tuple[object, str, str]]:
    for index, element in enumerate(elements):
        at = f"{where}/{index}"
        yield element, at, holder
        if not is_object(element):
            continue
        tag = str(element.get("tag"))
        for name in _children(tag):
            children = element.get(name)
            if isinstance(children, list):
                yield from _walk(children, f"{at}/{name}", tag)


def _children(tag: str) -> tuple[str, ...]:
    """Name the lists of elements; the columns of a table are none."""
    return () if tag == "table" else _CHILDREN


def _count_problems(
    everything: list[tuple[object, str, str]], where: str
) -> Iterator[Problem]:
    elements = [element for element, _at, holder in everything if holder != "note"]
    tables = [e for e in elements if is_object(e) and e.get("tag") == "table"]
    if len(everything) > MAX_ELEMENTS:
        yield _too_many(where, len(everything), MAX_ELEMENTS, _("elements"))
    if len(tables) > MAX_TABLES:
        yield _too_many(where, len(tables), MAX_TABLES, _("tables"))


def _too_many(where: str, count: int, limit: int, what: str) -> Problem:
    return error(
        "lark_too_many",
        _("The card has %(count)d %(what)s; Lark takes %(limit)d.")
        % {"count": count, "what": what, "limit": limit},
        _("Join some of them, or send two messages."),
        where,
    )


def _one_problem(
    element: object, where: str, holder: str, is_2: bool
) -> Iterator[Problem]:
    if is_open(element):
        yield open_part(where)
        return
    tag = element.get("tag") if is_object(element) else None
    if not is_object(element) or not isinstance(tag, str) or not tag:
        yield missing_part(f"{where}/tag", '"tag": "markdown"')
        return
    if holder == "note":
        yield from _in_note(element, tag, where)
        return
    for name in _children(tag):
        if is_open(element.get(name)):
            yield open_part(f"{where}/{name}")
    yield from _tag_problems(tag, where, holder, is_2)
    yield from element_problems(element, tag, where)
    if is_2:
        yield from _id_problems(element, where)
        yield from unknown_in_element(element, tag, where)


def _in_note(element: dict[str, object], tag: str, where: str) -> Iterator[Problem]:
    if tag in {"plain_text", "lark_md"}:
        yield from text_problems(element, where)
    elif tag == "img":
        yield from element_problems(element, tag, where)
    else:
        yield _unknown_tag(tag, where, frozenset({"plain_text", "lark_md", "img"}))


def _tag_problems(tag: str, where: str, holder: str, is_2: bool) -> Iterator[Problem]:
    known = SHARED_TAGS | (_ONLY_IN_2 if is_2 else _ONLY_IN_1)
    if is_2 and tag in _ONLY_IN_1:
        yield error(
            "lark_tag_removed",
            _("A card of schema 2.0 has no “%(tag)s”.") % {"tag": tag},
            _("Put the buttons or texts directly among the elements."),
            f"{where}/tag",
        )
    elif tag not in known:
        yield _unknown_tag(tag, where, known)
    elif not is_2 and not holder and tag in ACTIONS:
        yield error(
            "lark_not_in_action",
            _("In a card of schema 1.0, “%(tag)s” stands inside an action.")
            % {"tag": tag},
            _('Write {"tag": "action", "actions": [ … ]} around it.'),
            f"{where}/tag",
        )
    elif holder == "action" and tag not in ACTIONS:
        yield error(
            "lark_not_an_action",
            _("“%(tag)s” cannot stand inside an action.") % {"tag": tag},
            _("Put it beside the action, or use a button."),
            f"{where}/tag",
        )


def _unknown_tag(tag: str, where: str, known: frozenset[str]) -> Problem:
    remedy = _("Use one of: %(names)s.") % {"names": ", ".join(sorted(known))}
    if tag == "divider":
        remedy = _("Write “hr”.")
    elif is_open(tag):
        remedy = _("Write the tag itself: values are escaped as it demands.")
    message = _("Lark knows no element “%(tag)s” here.") % {"tag": tag[:40]}
    return error("lark_tag_unknown", message, remedy, f"{where}/tag")


def _id_problems(element: dict[str, object], where: str) -> Iterator[Problem]:
    found = element.get("element_id")
    if found is None or (isinstance(found, str) and _ELEMENT_ID.fullmatch(found)):
        return
    yield error(
        "lark_element_id_invalid",
        _("This element_id is not usable."),
        _("Begin with a letter; use at most 20 letters, digits and “_”."),
        f"{where}/element_id",
    )


def _header_problems(header: object) -> Iterator[Problem]:
    if header is None:
        return
    if is_open(header):
        yield open_part("/header")
        return
    if not is_object(header):
        yield missing_part("/header/title", '"title": {"tag": "plain_text", …}')
        return
    yield from text_problems(header.get("title"), "/header/title")
    tags = header.get("text_tag_list", [])
    if not isinstance(tags, list):
        yield (
            open_part("/header/text_tag_list")
            if is_open(tags)
            else not_a_list("/header/text_tag_list")
        )
    elif len(tags) > MAX_HEADER_TAGS:
        what = _("header tags")
        yield _too_many("/header/text_tag_list", len(tags), MAX_HEADER_TAGS, what)
    colour = header.get("template", "default")
    if not is_open(colour) and str(colour) not in _COLOURS:
        yield warning(
            "lark_colour_unknown",
            _("Lark knows no header colour “%(name)s”.") % {"name": str(colour)[:40]},
            _("Use one of: %(names)s.") % {"names": ", ".join(sorted(_COLOURS))},
            "/header/template",
        )


def _link_problems(link: object) -> Iterator[Problem]:
    if not is_object(link) or link.get("url"):
        return
    if not {"android_url", "ios_url", "pc_url"} <= link.keys():
        yield error(
            "lark_card_link_incomplete",
            _("The card's link has no address for every device."),
            _('Write "card_link": {"url": "https://…"}.'),
            "/card_link",
        )
