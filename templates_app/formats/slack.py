"""Slack: text, mrkdwn, or a whole body with text, blocks or attachments."""

from collections.abc import Iterator

from templates_app.engine.escapes import Escape, escape_slack, plain
from templates_app.engine.json_content import FREE_LEAF, LeafRule, Parent
from templates_app.engine.json_places import Path
from templates_app.engine.problems import Problem
from templates_app.formats.contract import (
    JSON,
    MARKDOWN,
    TEXT,
    Content,
    MessageFormat,
    Options,
)
from templates_app.formats.shapes import (
    fixed_length,
    is_object,
    is_open,
    missing_part,
    not_a_list,
    not_a_text,
    not_an_object,
    open_part,
)
from templates_app.formats.slack_blocks import (
    block_problems,
    text_too_long,
    too_many_items,
)

MAX_TEXT = 40_000
MAX_ATTACHMENTS = 100

# The older attachments format their texts without naming a type.
_ATTACHMENT_TEXTS = frozenset({"fallback", "footer", "pretext", "text", "value"})
_TEXT_KEYS = frozenset(
    {"action_id", "alt_text", "block_id", "image_url", "text", "title", "type", "url"}
)
_MRKDWN_LEAF = LeafRule(escape_slack, keeps_type=False)
_FIXED_LEAF = LeafRule(plain, keeps_type=False)


class SlackFormat(MessageFormat):
    """What an incoming webhook takes."""

    kind = "slack"
    content_types = frozenset({TEXT, MARKDOWN, JSON})

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_slack if content_type == MARKDOWN else plain

    def leaf_rule(self, path: Path, parent: Parent) -> LeafRule:
        key = path[-1] if path else ""
        kind = parent.get("type") if isinstance(parent, dict) else None
        if kind == "mrkdwn" and key == "text":
            return _MRKDWN_LEAF
        if path == ("text",) or _is_attachment_text(path):
            return _MRKDWN_LEAF
        return _FIXED_LEAF if key in _TEXT_KEYS else FREE_LEAF

    def check_json(self, data: object) -> list[Problem]:
        if not is_object(data):
            return [not_an_object('{"blocks": […]}')]
        return [*_message_problems(data), *block_problems(data.get("blocks"))]

    def check_text(self, content: Content) -> list[Problem]:
        if fixed_length(content.content) <= MAX_TEXT:
            return []
        return [text_too_long("", fixed_length(content.content), MAX_TEXT)]


def _is_attachment_text(path: Path) -> bool:
    if not path or path[0] != "attachments" or "blocks" in path:
        return False
    return path[-1] in _ATTACHMENT_TEXTS


def _message_problems(message: dict[str, object]) -> Iterator[Problem]:
    text, attachments = message.get("text", ""), message.get("attachments") or []
    if not isinstance(text, str):
        yield not_a_text("/text")
    elif fixed_length(text) > MAX_TEXT:
        yield text_too_long("/text", fixed_length(text), MAX_TEXT)
    if is_open(attachments):
        yield open_part("/attachments")
    elif not isinstance(attachments, list):
        yield not_a_list("/attachments")
    elif len(attachments) > MAX_ATTACHMENTS:
        yield too_many_items("/attachments", len(attachments), MAX_ATTACHMENTS)
    says_something = isinstance(text, str) and text.strip()
    if not says_something and not attachments and message.get("blocks") in (None, []):
        yield missing_part("/text", '"text": "Hello {{name}}"')
