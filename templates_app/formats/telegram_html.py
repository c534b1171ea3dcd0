"""Telegram's HTML: a few tags, closed in order; all else its server refuses."""

import re
from typing import NoReturn

from django.utils.translation import gettext as _

from templates_app.formats.markup import MarkupError

TAGS = frozenset(
    {"a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span"}
    | {"strike", "strong", "tg-emoji", "tg-spoiler", "u"}
)
_ATTRIBUTE = (
    r"[A-Za-z][A-Za-z-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[0-9A-Za-z.-]++))?"
)
_OPENING = re.compile(
    rf"<([A-Za-z][A-Za-z0-9-]*+)((?:[ \t\r\n]++{_ATTRIBUTE})*+)[ \t\r\n]*+>"
)
_CLOSING = re.compile(r"</([A-Za-z][A-Za-z0-9-]*+)[ \t\r\n]*+>")
_NAME = re.compile(r"</?\s*([A-Za-z0-9-]*)")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});?")
_SURROGATE = re.compile(r"&#(?:x([0-9a-f]*)|([0-9]*))", re.IGNORECASE)
_SPOILER = re.compile(r"\bclass\s*=\s*[\"']?tg-spoiler[\"']?(?=\s|$)")
_EMOJI_ID = re.compile(r"\bemoji-id\s*=\s*[\"']?0*[1-9][0-9]{0,18}[\"']?(?=\s|$)")


def read_html(text: str) -> str:
    """Give what a reader sees, each entity as one character; raises MarkupError."""
    shown: list[str] = []
    opened: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        if text[at] == "<":
            at = _read_tag(text, at, opened)
        elif found := _ENTITY.match(text, at):
            shown.append(_character(found[0], at))
            at = found.end()
        else:
            shown.append(text[at])
            at += 1
    if opened:
        _refuse_open(*opened[-1])
    return "".join(shown)


def _read_tag(text: str, at: int, opened: list[tuple[str, int]]) -> int:
    if closing := _CLOSING.match(text, at):
        _close(closing[1].lower(), at, opened)
        return closing.end()
    opening = _OPENING.match(text, at)
    if opening is None:
        _refuse_tag(text, at)
    name = opening[1].lower()
    if name not in TAGS:
        _refuse_name(name, at)
    _check_attributes(name, opening[2], at)
    opened.append((name, at))
    return opening.end()


def _close(name: str, at: int, opened: list[tuple[str, int]]) -> None:
    if not opened:
        raise MarkupError(
            at,
            _("</%(name)s> closes nothing.") % {"name": name},
            _("Delete it, or open <%(name)s> before it.") % {"name": name},
        )
    last = opened.pop()[0]
    if last != name:
        raise MarkupError(
            at,
            _("</%(name)s> stands where </%(last)s> is due.")
            % {"name": name, "last": last},
            _("Close tags in the reverse order of their opening."),
        )


def _check_attributes(name: str, attributes: str, at: int) -> None:
    if name == "span" and not _SPOILER.search(attributes):
        raise MarkupError(
            at,
            _("<span> is for spoilers only."),
            _('Write <span class="tg-spoiler">, or take the tag away.'),
        )
    if name == "tg-emoji" and not _EMOJI_ID.search(attributes):
        raise MarkupError(
            at,
            _("<tg-emoji> names no emoji."),
            _('Write <tg-emoji emoji-id="5368324170671202286">.'),
        )


def _character(entity: str, at: int) -> str:
    found = _SURROGATE.match(entity)
    if found is None:
        return "&"
    code = int(found[1], 16) if found[1] else int(found[2] or "0")
    if 0xD800 <= code <= 0xDFFF or not 0 < code <= 0x10FFFF:
        raise MarkupError(
            at,
            _("“%(entity)s” is no character.") % {"entity": entity},
            _("Write the character itself."),
        )
    return chr(code)


def _refuse_tag(text: str, at: int) -> NoReturn:
    found = _NAME.match(text, at)
    name = found[1].lower() if found else ""
    if name and name not in TAGS:
        _refuse_name(name, at)
    raise MarkupError(
        at,
        _("“<” begins no tag that Telegram can read."),
        _("Write &lt; to show the sign, or finish the tag."),
    )


def _refuse_name(name: str, at: int) -> NoReturn:
    if name in {"br", "p", "div"}:
        remedy = _("Use line breaks in the text instead.")
    else:
        names = ", ".join(sorted(TAGS))
        remedy = _("Use one of: %(names)s.") % {"names": names}
    message = _("Telegram knows no tag <%(name)s>.") % {"name": name[:40]}
    raise MarkupError(at, message, remedy)


def _refuse_open(name: str, at: int) -> NoReturn:
    raise MarkupError(
        at,
        _("<%(name)s> is opened and not closed.") % {"name": name},
        _("Add </%(name)s>.") % {"name": name},
    )
