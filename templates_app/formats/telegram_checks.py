"""What Telegram's server refuses about a finished text, and about its buttons."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from templates_app.engine.escapes import (
    Escape,
    escape_html,
    escape_markdown_legacy,
    escape_markdown_v2,
    plain,
)
from templates_app.engine.problems import Problem, Severity, error, warning
from templates_app.engine.trace import Trace, trace
from templates_app.formats.markup import MarkupError
from templates_app.formats.samples import Sample
from templates_app.formats.shapes import is_object, is_open, missing_part, open_part
from templates_app.formats.telegram_html import read_html
from templates_app.formats.telegram_markdown import (
    read_markdown_legacy,
    read_markdown_v2,
)

# Counted after the markup is taken off, so a longer source may still pass.
MAX_CHARACTERS = 4096
MAX_RAW_BYTES = 32_768

ESCAPES: Mapping[str, Escape] = MappingProxyType(
    {
        "markdownv2": escape_markdown_v2,
        "markdown": escape_markdown_legacy,
        "html": escape_html,
    }
)
_READERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "markdownv2": read_markdown_v2,
        "markdown": read_markdown_legacy,
        "html": read_html,
        "": str,
    }
)
_WHITE = " \t\n\v\f\r"


def check_markup(
    mode: str, source: str, sample: Sample, *, splits: bool = True
) -> list[Problem]:
    """Report what is refused once the values are in; raises RenderError.

    `splits` says that a longer text goes out as several messages.
    """
    traced = trace(source, sample.values, ESCAPES.get(mode, plain))
    try:
        shown = _READERS[mode](traced.text)
    except MarkupError as exc:
        return [_refused_markup(exc, traced, sample, mode)]
    if not sample.is_usual:
        return []
    if not shown.strip(_WHITE):
        return [_nothing_to_see()]
    return _length_problems(shown, traced, splits)


def keyboard_problems(fields: dict[str, object]) -> list[Problem]:
    """Report buttons and previews that are none."""
    preview = fields.get("link_preview_options")
    if preview is not None and not is_object(preview):
        return [missing_part("/link_preview_options/is_disabled", "true")]
    markup = fields.get("reply_markup")
    if markup is None:
        return []
    if is_open(markup):
        return [open_part("/reply_markup")]
    rows = markup.get("inline_keyboard", []) if is_object(markup) else None
    if is_open(rows):
        return [open_part("/reply_markup/inline_keyboard")]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return [_no_keyboard()]
    return list(_button_problems(rows))


def _button_problems(rows: list[list[object]]) -> Iterator[Problem]:
    for number, row in enumerate(rows):
        for index, button in enumerate(row):
            text = button.get("text") if is_object(button) else None
            has_text = isinstance(text, str) and bool(text)
            if not is_object(button) or not has_text or len(button) < 2:
                yield error(
                    "telegram_button_incomplete",
                    _("A button needs a text, and what it does."),
                    _('Write {"text": "Open", "url": "https://example.com"}.'),
                    f"/reply_markup/inline_keyboard/{number}/{index}",
                )


def _no_keyboard() -> Problem:
    return error(
        "telegram_keyboard_invalid",
        _("inline_keyboard must be a list of rows of buttons."),
        _('Write {"inline_keyboard": [[{"text": "Open", "url": "https://…"}]]}.'),
        "/reply_markup",
    )


def _refused_markup(
    exc: MarkupError, traced: Trace, sample: Sample, mode: str
) -> Problem:
    severity, message = sample.severity, sample.explained(exc.message)
    # The older Markdown has no way to escape inside a mark.
    if mode == "markdown" and not sample.is_usual:
        severity = Severity.WARNING
    found = Problem(severity, "telegram_markup_refused", message, exc.remedy)
    return found.at(traced.place(exc.offset))


def _nothing_to_see() -> Problem:
    return error(
        "telegram_text_empty",
        _("The message shows nothing: Telegram refuses it."),
        _("Write a text that is more than markup and spaces."),
    )


def _length_problems(shown: str, traced: Trace, splits: bool) -> list[Problem]:
    size = len(traced.text.encode())
    if len(shown) <= MAX_CHARACTERS and (splits or size <= MAX_RAW_BYTES):
        return []
    message = _("The text has %(size)d characters; Telegram takes %(limit)d.") % {
        "size": len(shown),
        "limit": MAX_CHARACTERS,
    }
    if splits:
        remedy = _("Shorten it, or leave it: it is sent in several messages.")
        return [warning("telegram_text_long", message, remedy)]
    remedy = _("Shorten it, or use a text content: that is split when it is sent.")
    return [error("telegram_text_long", message, remedy).at(traced.place(0))]
