"""What a program that knows nothing of us wants to say: JSON, a form, or plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from templates_app.engine.values import clean_text

SUBJECT_FIELDS = ("subject", "title", "summary", "alertname")
CONTENT_FIELDS = ("text", "message", "content", "description", "payload")
LONGEST_SUBJECT = 300
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_BOM = "\ufeff"


@dataclass(frozen=True)
class Words:
    """A subject, which may be empty, and a content."""

    subject: str
    content: str


def words_in(request: HttpRequest, body: bytes) -> Words:
    """Return what a body says; what is no text is replaced, and nothing is refused."""
    kind, encoding = _declared(request.META.get("CONTENT_TYPE", ""))
    text = _read(body, encoding).removeprefix(_BOM)
    fields = _fields(request, kind, body, text)
    words = _words(fields, text) if fields is not None else Words("", text)
    subject = " ".join(clean_text(words.subject).split())
    return Words(subject[:LONGEST_SUBJECT], clean_text(words.content).strip())


def _declared(content_type: str) -> tuple[str, str]:
    """Return the declared kind and encoding."""
    header = Message()
    header["Content-Type"] = content_type or "text/plain"
    named = str(header.get_param("charset") or "utf-8")
    return header.get_content_type(), named


def _read(body: bytes, encoding: str) -> str:
    """Return a body as text; in UTF-8 where nothing can be read as was declared."""
    try:
        return body.decode(encoding, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _fields(
    request: HttpRequest, kind: str, body: bytes, text: str
) -> Mapping[str, Any] | None:
    """Return the fields of a body that has some, whatever it was declared as."""
    if kind == _MULTIPART:
        return _parts(request, body)
    found = _object(text)
    if found is None and kind == _FORM:
        return _form(text)
    return found


def _object(text: str) -> Mapping[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _form(text: str) -> Mapping[str, Any] | None:
    try:
        fields = QueryDict(text).dict()
    except SuspiciousOperation:
        return None
    return fields if any(fields.values()) else None


def _parts(request: HttpRequest, body: bytes) -> Mapping[str, Any] | None:
    try:
        handlers = [MemoryFileUploadHandler(request)]
        meta = {**request.META, "CONTENT_LENGTH": str(len(body))}
        fields, _files = MultiPartParser(meta, BytesIO(body), handlers).parse()
    except (MultiPartParserError, SuspiciousOperation):
        return None
    return fields.dict()


def _words(fields: Mapping[str, Any], text: str) -> Words:
    """Pick subject and content; a form may hold all of it as JSON in `payload`."""
    folded = {name.lower(): value for name, value in fields.items()} | dict(fields)
    subject = _first(folded, SUBJECT_FIELDS)
    content = _first(folded, CONTENT_FIELDS[:-1])
    payload = folded.get("payload")
    if content or not payload:
        return Words(subject, content or text)
    inner = payload if isinstance(payload, dict) else _object(str(payload))
    if inner and _first(inner, CONTENT_FIELDS[:-1]):
        inside = _first(inner, SUBJECT_FIELDS)
        return Words(subject or inside, _first(inner, CONTENT_FIELDS[:-1]))
    return Words(subject, _text(payload))


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((_text(fields[name]) for name in names if fields.get(name)), "")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2)
