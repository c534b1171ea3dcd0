"""Telegram: text in its two markdowns or HTML, or the fields of sendMessage."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from templates_app.engine.escapes import (
    Escape,
    escape_html,
    escape_markdown_legacy,
    escape_markdown_v2,
    plain,
)
from templates_app.engine.json_content import FREE_LEAF, LeafRule, Parent
from templates_app.engine.json_places import Path
from templates_app.engine.problems import Problem, error, warning
from templates_app.formats.contract import HTML, MARKDOWN, MessageFormat, Options
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_an_object,
)

# Counted after the markup is taken off, so a longer source may still pass.
MAX_CHARACTERS = 4096

_ESCAPES: Mapping[str, Escape] = {
    "markdownv2": escape_markdown_v2,
    "markdown": escape_markdown_legacy,
    "html": escape_html,
}
_TEXT_KEYS = frozenset({"callback_data", "parse_mode", "text", "url"})
_FIXED_LEAF = LeafRule(plain, keeps_type=False)


class TelegramFormat(MessageFormat):
    """What sendMessage takes."""

    kind = "telegram"

    def escape_for(self, content_type: str, options: Options) -> Escape:
        if content_type == HTML:
            return escape_html
        if content_type != MARKDOWN:
            return plain
        is_legacy = str(options.get("parse_mode", "")).lower() == "markdown"
        return escape_markdown_legacy if is_legacy else escape_markdown_v2

    def leaf_rule(self, path: Path, parent: Parent) -> LeafRule:
        key = path[-1] if path else ""
        if path == ("text",) and isinstance(parent, dict):
            mode = str(parent.get("parse_mode", "")).lower()
            return LeafRule(_ESCAPES.get(mode, plain), keeps_type=False)
        return _FIXED_LEAF if key in _TEXT_KEYS else FREE_LEAF

    def check_json(self, data: object) -> list[Problem]:
        if not is_object(data):
            return [not_an_object('{"text": "…", "parse_mode": "HTML"}')]
        return _text_problems(data) + _mode_problems(data)


def _text_problems(fields: dict[str, object]) -> list[Problem]:
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        return [missing_part("/text", '"text": "Hello {{name}}"')]
    if len(text) <= MAX_CHARACTERS or is_open(text):
        return []
    return [
        warning(
            "telegram_text_long",
            _("The text has %(size)d characters; Telegram takes %(limit)d.")
            % {"size": len(text), "limit": MAX_CHARACTERS},
            _("Shorten it, or use a text content: that is split when it is sent."),
            "/text",
        )
    ]


def _mode_problems(fields: dict[str, object]) -> list[Problem]:
    mode = fields.get("parse_mode")
    if mode is None or mode == "":
        return []
    if is_open(mode):
        return [
            error(
                "telegram_parse_mode_open",
                _("parse_mode must be fixed, or values cannot be escaped for it."),
                _("Write MarkdownV2, HTML or Markdown."),
                "/parse_mode",
            )
        ]
    if isinstance(mode, str) and mode.lower() in _ESCAPES:
        return []
    return [
        error(
            "telegram_parse_mode_unknown",
            _("Telegram knows no parse_mode “%(mode)s”.") % {"mode": mode},
            _("Write MarkdownV2, HTML or Markdown, or leave it out."),
            "/parse_mode",
        )
    ]
