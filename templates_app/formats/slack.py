"""Slack: text, mrkdwn, or a whole body with text, blocks or attachments."""

from django.utils.translation import gettext as _

from templates_app.engine.escapes import Escape, escape_slack, plain
from templates_app.engine.json_content import FREE_LEAF, LeafRule, Parent
from templates_app.engine.json_places import Path
from templates_app.engine.problems import Problem, error
from templates_app.formats.contract import (
    JSON,
    MARKDOWN,
    TEXT,
    MessageFormat,
    Options,
)
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_an_object,
)

MAX_BLOCKS = 50

# The older attachments format their texts without naming a type.
_ATTACHMENT_TEXTS = frozenset({"fallback", "footer", "pretext", "text", "value"})
_TEXT_KEYS = frozenset({"alt_text", "image_url", "text", "title", "type", "url"})
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
        if not {"text", "blocks", "attachments"} & data.keys():
            return [missing_part("/text", '"text": "Hello {{name}}"')]
        return _blocks_problems(data.get("blocks"))


def _is_attachment_text(path: Path) -> bool:
    if not path or path[0] != "attachments" or "blocks" in path:
        return False
    return path[-1] in _ATTACHMENT_TEXTS


def _blocks_problems(blocks: object) -> list[Problem]:
    if blocks is None or is_open(blocks):
        return []
    if not isinstance(blocks, list):
        return [
            error(
                "slack_blocks_not_a_list",
                _("“blocks” must be a list."),
                _("Write the blocks in square brackets."),
                "/blocks",
            )
        ]
    if len(blocks) <= MAX_BLOCKS:
        return []
    return [
        error(
            "slack_too_many_blocks",
            _("There are %(count)d blocks; Slack takes %(limit)d.")
            % {"count": len(blocks), "limit": MAX_BLOCKS},
            _("Join some of them."),
            "/blocks",
        )
    ]
