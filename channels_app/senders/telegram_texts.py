"""What a Telegram message says: headed, escaped, cut to length, or made plain."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from channels_app.senders.bodies import parsed_content, utf8
from channels_app.senders.contract import (
    ConfigData,
    ContentType,
    Message,
    PermanentSendError,
)
from channels_app.senders.message_errors import require_size, require_text
from channels_app.senders.pieces import is_blank, spans, split_text
from channels_app.senders.telegram_markup import READERS
from channels_app.senders.telegram_pieces import split_markup
from templates_app.engine.escapes import (
    escape_html,
    escape_markdown_legacy,
    escape_markdown_v2,
)

TEXT_CHARACTERS = 4096
# Telegram refuses a longer source before it reads the markup, whatever it shows.
RAW_BYTES = 32 * 1024
_ESCAPES: Mapping[str, Callable[[str], str]] = {
    "MarkdownV2": escape_markdown_v2,
    "Markdown": escape_markdown_legacy,
    "HTML": escape_html,
}
_BOLD = {"MarkdownV2": ("*", "*"), "Markdown": ("*", "*"), "HTML": ("<b>", "</b>")}

Fields = Mapping[str, object]


def plain_message(config: ConfigData, message: Message) -> Message:
    """Return the message with its markup taken off, as content of the type text."""
    if message.content_type is ContentType.TEXT:
        return message
    if message.content_type is ContentType.JSON:
        fields = _json_fields(message.content)
        mode, content = _known_mode(fields.get("parse_mode")), str(fields["text"])
        message = replace(message, subject="")
    else:
        mode, content = _mode(config, message), message.content
    text = READERS[mode](content).plain if mode else content
    return replace(message, content=text, content_type=ContentType.TEXT)


def message_parts(config: ConfigData, message: Message) -> list[Fields]:
    """Return the sendMessage fields of each part, in their order."""
    parts = list(_parts(config, message))
    if not parts:
        raise PermanentSendError("message_empty")
    return parts


def _parts(config: ConfigData, message: Message) -> Iterator[Fields]:
    if message.content_type is ContentType.JSON:
        yield _json_fields(message.content)
        return
    require_text(message)
    mode = _mode(config, message)
    if message.content_type is ContentType.TEXT:
        yield from _text_parts(mode, message)
    else:
        yield from _markup_parts(mode, message)


def _mode(config: ConfigData, message: Message) -> str:
    configured = _known_mode(config.get("parse_mode") or "MarkdownV2")
    match message.content_type:
        case ContentType.HTML:
            return "HTML"
        case ContentType.MARKDOWN:
            return "Markdown" if configured == "Markdown" else "MarkdownV2"
    return configured


def _known_mode(mode: object) -> str:
    spellings = {known.lower(): known for known in READERS}
    return spellings.get(str(mode or "").lower(), "")


def _text_parts(mode: str, message: Message) -> Iterator[Fields]:
    gap = "\n\n" if message.subject.strip() and message.content.strip() else ""
    subject = message.subject.strip()
    text = subject + gap + (message.content if message.content.strip() else "")
    for start, stop in spans(text, TEXT_CHARACTERS):
        edge = min(max(start, len(subject)), stop)
        bold, rest = text[start:edge], text[edge:stop]
        yield _part(mode, _bold(mode, bold) + _escape(mode, rest))


def _markup_parts(mode: str, message: Message) -> Iterator[Fields]:
    subject = message.subject.strip()
    gap = "\n\n" if subject and message.content.strip() else ""
    source = _bold(mode, subject) + gap + message.content
    if len(source) <= TEXT_CHARACTERS:
        yield _part(mode, source)
        return
    markup = READERS[mode](source)
    pieces = split_markup(markup, TEXT_CHARACTERS, READERS[mode])
    if pieces is None or any(map(_is_too_long, pieces)):
        mode, pieces = "", split_text(markup.plain, TEXT_CHARACTERS)
    yield from (_part(mode, piece) for piece in pieces)


def _is_too_long(source: str) -> bool:
    return len(utf8(source)) > RAW_BYTES


def _part(mode: str, text: str) -> Fields:
    return {"text": text, "parse_mode": mode} if mode else {"text": text}


def _escape(mode: str, text: str) -> str:
    return _ESCAPES[mode](text) if mode in _ESCAPES else text


def _bold(mode: str, text: str) -> str:
    """Return the text in bold; old Markdown cannot escape inside a bold text."""
    if not text.strip() or not mode:
        return text
    if mode == "Markdown":
        return _escape(mode, text) if "*" in text else f"*{text}*"
    opening, closing = _BOLD[mode]
    return opening + _escape(mode, text) + closing


def _json_fields(content: str) -> Fields:
    """Return sendMessage fields; what they leave out stays as Telegram's default."""
    value = parsed_content(content)
    if not isinstance(value, dict):
        raise PermanentSendError("message_invalid", "not an object")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise PermanentSendError("message_invalid", "text is missing")
    mode = _known_mode(value.get("parse_mode"))
    shown = READERS[mode](text).shown if mode else text
    if is_blank(shown):
        raise PermanentSendError("message_empty", "text shows nothing")
    require_size(len(shown), TEXT_CHARACTERS, "characters")
    require_size(len(utf8(text)), RAW_BYTES, "bytes of source")
    return value
