"""Lark and Feishu: text, markdown, or a whole body with msg_type and its part."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.engine.escapes import (
    Escape,
    escape_lark_markdown,
    neutralise_lark_at,
    plain,
)
from templates_app.engine.json_content import (
    FREE_LEAF,
    LeafRule,
    Parent,
    compile_json,
)
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
from templates_app.formats.lark_bodies import CONTENT_PARTS, content_problems
from templates_app.formats.lark_cards import card_problems
from templates_app.formats.lark_elements import at_problems
from templates_app.formats.samples import Sample
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_an_object,
    open_part,
    text_too_large,
    too_large,
)

# The custom bot refuses a larger body with code 9499.
MAX_BYTES = 20 * 1024

# Time, signature and, for a text, the body around it count as well.
_WRAPPING = 512
_MAX_TEXT = MAX_BYTES - _WRAPPING

_MARKDOWN_TAGS = frozenset({"markdown", "lark_md", "md"})
_CARD_PARTS = frozenset({"schema", "header", "body", "elements", "i18n_elements"})

# Lark refuses a number where it expects one of these as text.
_TEXT_KEYS = frozenset(
    {"content", "element_id", "href", "image_key", "img_key", "msg_type", "schema"}
    | {"share_chat_id", "tag", "template", "text", "title", "url", "user_id"}
)

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
        return [*_body_problems(data), *too_large(data, MAX_BYTES - _WRAPPING)]

    def check_text(self, content: Content) -> list[Problem]:
        texts = [content.subject, content.content]
        return [*at_problems(content.content, ""), *too_large(texts, _MAX_TEXT)]

    def check_sample(self, content: Content, sample: Sample) -> list[Problem]:
        if not sample.is_given or content.content_type != JSON:
            return []
        compiled = compile_json(content.content, self.leaf_rule)
        size = len(compiled.render(sample.values).text.encode())
        return text_too_large(size, MAX_BYTES - _WRAPPING)


def _body_problems(body: dict[str, object]) -> Iterator[Problem]:
    msg_type = body.get("msg_type")
    if msg_type is None:
        yield from _without_type(body)
    elif msg_type == "interactive":
        yield from _interactive_problems(body)
    elif isinstance(msg_type, str) and msg_type in CONTENT_PARTS:
        yield from content_problems(body, msg_type)
    else:
        yield _unknown_type(msg_type)


def _unknown_type(msg_type: object) -> Problem:
    known = ", ".join([*CONTENT_PARTS, "interactive"])
    return error(
        "lark_msg_type_unknown",
        _("Lark knows no msg_type “%(type)s”.") % {"type": str(msg_type)[:40]},
        _("Use one of: %(names)s.") % {"names": known},
        "/msg_type",
    )


def _without_type(body: dict[str, object]) -> Iterator[Problem]:
    if "card" in body:
        yield _bare_card()
        yield from _interactive_problems(body)
    elif _CARD_PARTS & body.keys():
        yield _bare_card()
        yield from card_problems(body)
    else:
        yield missing_part("/msg_type", '"msg_type": "text"')


def _bare_card() -> Problem:
    return warning(
        "lark_bare_card",
        _("This is a card without its msg_type; it is wrapped when it is sent."),
        _('Write {"msg_type": "interactive", "card": {…}}.'),
    )


def _interactive_problems(body: dict[str, object]) -> Iterator[Problem]:
    card = body.get("card")
    if is_object(card):
        yield from (problem.inside("/card") for problem in card_problems(card))
    elif is_open(card):
        yield open_part("/card")
    elif card is None and "content" in body:
        yield error(
            "lark_card_not_content",
            _("A card stands in “card”, not in “content”."),
            _("Rename “content” to “card”."),
            "/content",
        )
    else:
        yield missing_part("/card", '"card": {"elements": […]}')
