"""The parameters of a Bot API call: from the query, a form or a JSON object."""

import json
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from diagnostics.sandbox.exchange import Request

Params = Mapping[str, str]


class ParamsError(ValueError):
    """The parameters cannot be read; the text is the server's description."""


def read_params(request: Request) -> Params:
    """Return every parameter as text, the way the Bot API sees them."""
    params = dict(parse_qsl(request.query, keep_blank_values=True))
    params.update(_read_body(request))
    for value in params.values():
        _demand_utf8(value)
    return params


def read_object(params: Params, name: str) -> Mapping[str, object]:
    """Return a parameter that is a JSON object; an absent one is empty."""
    text = params.get(name, "")
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = name.replace("_", " ")
        raise ParamsError(f"can't parse {what} JSON object") from error
    if not isinstance(value, dict):
        raise ParamsError(f"object expected as {name.replace('_', ' ')}")
    return value


def is_true(text: str) -> bool:
    """The server's reading of a boolean parameter."""
    return text.lower() in ("true", "yes", "1")


def _read_body(request: Request) -> Params:
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    match kind.strip().lower():
        case "application/json":
            return _read_json(request.body)
        case "application/x-www-form-urlencoded":
            return dict(parse_qsl(_decoded(request.body), keep_blank_values=True))
        case "multipart/form-data":
            return _read_multipart(request)
        case _:
            return {}


def _read_json(body: bytes) -> Params:
    if not body.strip():
        return {}
    try:
        content = json.loads(_decoded(body))
    except (ValueError, RecursionError) as error:
        raise ParamsError("can't parse JSON content") from error
    if not isinstance(content, dict):
        raise ParamsError("JSON object expected")
    return {k: _as_text(v) for k, v in content.items() if v is not None}


def _read_multipart(request: Request) -> Params:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_content()
        for part in message.iter_parts()
        if part.get_content_type() == "text/plain"
    }


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ParamsError("strings must be encoded in UTF-8") from error


def _demand_utf8(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ParamsError("strings must be encoded in UTF-8") from error
