"""Lark and Feishu: text, markdown, or a whole body with msg_type and its part."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from templates_app.engine.escapes import (
    Escape,
    escape_lark_markdown,
    neutralise_lark_at,
    plain,
)
from templates_app.engine.json_content import FREE_LEAF, LeafRule, Parent
from templates_app.engine.json_places import Path
from templates_app.engine.problems import Problem, error, warning
from templates_app.formats.contract import (
    JSON,
    MARKDOWN,
    TEXT,
    Content,
    MessageFormat,
    Options,
)
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_an_object,
    text_too_large,
    too_large,
)

# The custom bot refuses a larger body with code 9499.
MAX_BYTES = 20 * 1024

_MARKDOWN_TAGS = frozenset({"markdown", "lark_md", "md"})
_CARD_PARTS = frozenset({"schema", "header", "body", "elements", "i18n_elements"})

# Lark refuses a number where it expects one of these as text.
_TEXT_KEYS = frozenset(
    {"content", "href", "msg_type", "tag", "template", "text", "title", "url"}
)

# What each msg_type must hold inside `content`.
_CONTENT_PARTS: Mapping[str, str] = {
    "text": "text",
    "post": "post",
    "image": "image_key",
    "share_chat": "share_chat_id",
}
_MARKDOWN_LEAF = LeafRule(escape_lark_markdown, keeps_type=False)
_TEXT_LEAF = LeafRule(neutralise_lark_at, keeps_type=False)
_FIXED_LEAF = LeafRule(plain, keeps_type=False)


class LarkFormat(MessageFormat):
    """What a custom bot takes."""

    kind = "lark"
    content_types = frozenset({TEXT, MARKDOWN, JSON})

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_lark_markdown if content_type == MARKDOWN else plain

    def leaf_rule(self, path: Path, parent: Parent) -> LeafRule:
        key = path[-1] if path else ""
        tag = str(parent.get("tag")) if isinstance(parent, dict) else ""
        if tag in _MARKDOWN_TAGS and key in {"content", "text"}:
            return _MARKDOWN_LEAF
        if key == "text":
            return _TEXT_LEAF
        return _FIXED_LEAF if key in _TEXT_KEYS else FREE_LEAF

    def check_json(self, data: object) -> list[Problem]:
        if not is_object(data):
            return [not_an_object('{"msg_type": "text", "content": {"text": "…"}}')]
        return _body_problems(data) + too_large(data, MAX_BYTES)

    def check_text(self, content: Content) -> list[Problem]:
        size = len(content.content.encode())
        found = text_too_large(size, MAX_BYTES)
        return [problem.inside("/content_template") for problem in found]


def _body_problems(body: dict[str, object]) -> list[Problem]:
    msg_type = body.get("msg_type")
    if msg_type is None:
        return _without_type(body)
    if is_open(msg_type):
        return []
    if msg_type == "interactive":
        return _card_problems(body)
    if isinstance(msg_type, str) and msg_type in _CONTENT_PARTS:
        return _content_problems(body, msg_type)
    known = ", ".join([*_CONTENT_PARTS, "interactive"])
    return [
        error(
            "lark_msg_type_unknown",
            _("Lark knows no msg_type “%(type)s”.") % {"type": msg_type},
            _("Use one of: %(names)s.") % {"names": known},
            "/msg_type",
        )
    ]


def _without_type(body: dict[str, object]) -> list[Problem]:
    if "card" in body:
        return [_bare_card(), *_card_problems(body)]
    if _CARD_PARTS & body.keys():
        return [_bare_card()]
    return [missing_part("/msg_type", '"msg_type": "text"')]


def _bare_card() -> Problem:
    return warning(
        "lark_bare_card",
        _("This is a card without its msg_type; it is wrapped when it is sent."),
        _('Write {"msg_type": "interactive", "card": {…}}.'),
    )


def _card_problems(body: dict[str, object]) -> list[Problem]:
    card = body.get("card")
    if card is None and "content" in body:
        return [
            error(
                "lark_card_not_content",
                _("A card stands in “card”, not in “content”."),
                _("Rename “content” to “card”."),
                "/content",
            )
        ]
    if is_object(card) or is_open(card):
        return []
    return [missing_part("/card", '"card": {"elements": […]}')]


def _content_problems(body: dict[str, object], msg_type: str) -> list[Problem]:
    content = body.get("content")
    if is_open(content):
        return []
    part = _CONTENT_PARTS[msg_type]
    if is_object(content) and content.get(part):
        return []
    where = f"/content/{part}"
    return [missing_part(where, f'"content": {{"{part}": …}}')]
