"""Telegram: text in its two markdowns or HTML, or the fields of sendMessage."""

from dataclasses import replace

from django.utils.translation import gettext as _

from templates_app.engine.errors import Position
from templates_app.engine.escapes import (
    Escape,
    escape_html,
    escape_markdown_legacy,
    escape_markdown_v2,
    plain,
)
from templates_app.engine.json_content import (
    FREE_LEAF,
    LeafRule,
    Parent,
    read_json,
)
from templates_app.engine.json_places import JsonPlaces, Path
from templates_app.engine.problems import Problem, Severity, error
from templates_app.formats.contract import (
    HTML,
    JSON,
    MARKDOWN,
    Content,
    MessageFormat,
    Options,
)
from templates_app.formats.samples import Sample
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_an_object,
)
from templates_app.formats.telegram_checks import (
    ESCAPES,
    check_markup,
    keyboard_problems,
)

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
            return LeafRule(ESCAPES.get(mode, plain), keeps_type=False)
        return _FIXED_LEAF if key in _TEXT_KEYS else FREE_LEAF

    def check_json(self, data: object) -> list[Problem]:
        if not is_object(data):
            return [not_an_object('{"text": "…", "parse_mode": "HTML"}')]
        return _text_problems(data) + _mode_problems(data) + keyboard_problems(data)

    def check_sample(self, content: Content, sample: Sample) -> list[Problem]:
        if content.content_type == JSON:
            return _json_sample_problems(content, sample)
        mode = {MARKDOWN: "markdownv2", HTML: "html"}.get(content.content_type, "")
        found = check_markup(mode, content.content, sample)
        if mode != "markdownv2" or not found or found[0].severity is not Severity.ERROR:
            return found
        # A channel config can ask for the older Markdown, which reserves less.
        if check_markup("markdown", content.content, sample):
            return found
        return [replace(found[0], severity=Severity.WARNING)]


def _json_sample_problems(content: Content, sample: Sample) -> list[Problem]:
    data = read_json(content.content)
    if not is_object(data):
        return []
    text, mode = str(data.get("text", "")), str(data.get("parse_mode") or "").lower()
    places = JsonPlaces(content.content)
    return [
        problem.inside("/text").at(
            places.inside(("text",), text, Position(problem.line or 1, problem.column))
        )
        for problem in check_markup(mode, text, sample, splits=False)
    ]


def _text_problems(fields: dict[str, object]) -> list[Problem]:
    text = fields.get("text")
    if isinstance(text, str) and text.strip():
        return []
    return [missing_part("/text", '"text": "Hello {{name}}"')]


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
    if isinstance(mode, str) and mode.lower() in ESCAPES:
        return []
    return [
        error(
            "telegram_parse_mode_unknown",
            _("Telegram knows no parse_mode “%(mode)s”.") % {"mode": mode},
            _("Write MarkdownV2, HTML or Markdown, or leave it out."),
            "/parse_mode",
        )
    ]
