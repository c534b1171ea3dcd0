"""Reading JSON strictly: UTF-8, an object, of bounded depth, without poison."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, TypeVar, cast

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from channels_app.api.bodies import raw_body
from channels_app.services.refusals import RequestRefusedError
from templates_app.engine.values import clean_value

T = TypeVar("T")

DEEPEST = 50
_BOM = b"\xef\xbb\xbf"
# Where a template's value stands; a name that holds NUL has it in its path.
_VALUE = re.compile(r"variables[.\[][^\x00]*")
_NUL_ESCAPE = re.compile(rb"\\u0000")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MISFIT = re.compile(r"Expected `(?P<wanted>.+?)`, got `(?P<found>.+?)`")
_PLACE = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_JSON_TYPES = re.compile(r"application/(json|[\w.+-]+\+json)|text/json")
_ANY_OBJECT: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body. Raises RequestRefusedError."""
    return read_with(_ANY_OBJECT, body)


def read_with(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode a body. Raises RequestRefusedError, naming what is wrong and where.

    A NUL in a template's value arrives as U+FFFD: a value is text whatever it holds.
    """
    has_nul = _refuse_poison(body.removeprefix(_BOM))
    found = read_whole(decoder, body)
    return _without_nul(found) if has_nul else found


def read_whole(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode a body whose parts are looked into later, by `read_with`."""
    text = body.removeprefix(_BOM)
    if not text.strip():
        raise _unusable(_("The request body is empty."))
    if not text.lstrip().startswith(b"{"):
        _refuse_other_than_object(text)
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise misfit(str(error)) from error
    except RecursionError as error:
        raise _too_deep() from error
    except UnicodeDecodeError as error:
        raise _not_utf8(text) from error
    except msgspec.DecodeError as error:
        raise _malformed(text, str(error)) from error


class StrictJSONParser(BaseParser):
    """Reads the bodies of REST framework views."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the object. Raises RequestRefusedError."""
        refuse_other_media_type(media_type or "")
        if parser_context is None:
            return read_object(stream.read())
        return read_object(raw_body(parser_context["request"]))


class AnswersJSON(BaseContentNegotiation):
    """Answers in JSON whatever the Accept header says."""

    def select_parser(
        self, request: Request, parsers: Iterable[BaseParser]
    ) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


def misfit(reason: str) -> RequestRefusedError:
    """Return the refusal for what the typed decoder found in the wrong place."""
    place = _PLACE.search(reason)
    path = _printable(place["path"]) if place else ""
    found = _MISFIT.match(reason)
    if not found:
        message = f"{path}: {reason.partition(' - at ')[0]}."
        return wrong_value(path, message)
    message = _("%(path)s must be %(wanted)s, not %(found)s.") % {
        "path": path,
        "wanted": _named(found["wanted"]),
        "found": _named(found["found"]),
    }
    return wrong_value(path, message)


def wrong_value(
    path: str, message: StrOrPromise, hint: StrOrPromise = ""
) -> RequestRefusedError:
    """Return the refusal of one parameter."""
    return RequestRefusedError(
        "INVALID_PARAMETER", message, hint=hint, details={"parameter": path}
    )


def _named(kinds: str) -> str:
    names = [str(_NAMES.get(kind, kind)) for kind in kinds.split(" | ")]
    return _(" or ").join(name for name in dict.fromkeys(names))


def refuse_other_media_type(content_type: str) -> None:
    """Raise UnsupportedMediaType for a declared type other than JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not _JSON_TYPES.fullmatch(kind):
        raise UnsupportedMediaType(content_type[:100])


def _refuse_other_than_object(text: bytes) -> None:
    try:
        found = _KINDS.get(type(msgspec.json.decode(text)), _("a number"))
    except RecursionError as error:
        raise _too_deep() from error
    except UnicodeDecodeError as error:
        raise _not_utf8(text) from error
    except msgspec.DecodeError as error:
        raise _malformed(text, str(error)) from error
    raise _unusable(
        _("The request body is %(found)s, not a JSON object.") % {"found": found}
    )


def _refuse_poison(text: bytes) -> bool:
    """Refuse depth and NUL, but for NUL in a template's values: tell if one is there.

    Looks closer only where the bytes give a reason to.
    """
    is_suspect = _NUL_ESCAPE.search(text) is not None
    if not is_suspect and text.count(b"{") + text.count(b"[") <= DEEPEST:
        return False
    try:
        value = msgspec.json.decode(text)
    except (RecursionError, UnicodeDecodeError, msgspec.DecodeError):
        return False  # the typed decoding that follows says what is wrong
    has_nul = False
    for path, level, leaf in _walk(value):
        if level > DEEPEST:
            raise _too_deep()
        if isinstance(leaf, str) and "\x00" in leaf:
            if not _VALUE.fullmatch(path):
                raise _poisoned(path, _("a NUL character"))
            has_nul = True
    return has_nul


def _without_nul(found: T) -> T:
    """Return what was decoded with clean variables."""
    if isinstance(found, dict):
        return cast(T, {**found, "variables": clean_value(found["variables"])})
    variables = clean_value(getattr(found, "variables", None))
    return cast(T, msgspec.structs.replace(cast(Any, found), variables=variables))


def _walk(value: object) -> Iterator[tuple[str, int, object]]:
    """Give every key and value with its path and level, without recursion."""
    waiting: list[tuple[str, int, object]] = [("", 0, value)]
    while waiting:
        path, above, node = waiting.pop()
        level = above + isinstance(node, dict | list)
        yield path, level, node
        for name, child in _children(path, node):
            if isinstance(node, dict):
                yield name, level, name
            waiting.append((name, level, child))


def _children(path: str, node: object) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        dot = "." if path else ""
        yield from ((f"{path}{dot}{key}", child) for key, child in node.items())
    elif isinstance(node, list):
        yield from ((f"{path}[{index}]", child) for index, child in enumerate(node))


def _malformed(text: bytes, reason: str) -> RequestRefusedError:
    """Say why a body is not JSON; lone surrogates by their path."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    for path, _depth, leaf in _walk(value):
        if isinstance(leaf, str) and _SURROGATES.search(leaf):
            return _poisoned(path, _("half of a surrogate pair"))
    return _unusable(
        _("The request body is not JSON: %(reason)s.")
        % {"reason": reason.removeprefix("JSON is malformed: ")}
    )


def _poisoned(path: str, what: str) -> RequestRefusedError:
    shown = _printable(path)
    return RequestRefusedError(
        "INVALID_PARAMETER",
        _("%(path)s contains %(what)s.") % {"path": shown, "what": what},
        hint=_("Remove the character; text must be valid Unicode without NUL."),
        details={"parameter": shown},
    )


def _printable(path: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", path)[:200]


def _too_deep() -> RequestRefusedError:
    return _unusable(
        _("The request body is nested more than %(deepest)d levels deep.")
        % {"deepest": DEEPEST}
    )


def _not_utf8(text: bytes) -> RequestRefusedError:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        place = error.start
    else:
        place = 0
    return _unusable(
        _("The request body is not UTF-8: byte %(place)d.") % {"place": place}
    )


def _unusable(message: str) -> RequestRefusedError:
    return RequestRefusedError("INVALID_REQUEST", message)


_KINDS: Mapping[type, StrOrPromise] = {
    list: gettext_lazy("an array"),
    str: gettext_lazy("a string"),
    bool: gettext_lazy("a boolean"),
    type(None): gettext_lazy("null"),
}
_NAMES: Mapping[str, StrOrPromise] = {
    "str": gettext_lazy("a string"),
    "int": gettext_lazy("a number"),
    "float": gettext_lazy("a number"),
    "bool": gettext_lazy("a boolean"),
    "array": gettext_lazy("an array"),
    "object": gettext_lazy("an object"),
    "null": gettext_lazy("null"),
}
