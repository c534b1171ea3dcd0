"""Put values into request bodies: JSON that is always valid UTF-8."""

import json
import re
from collections.abc import Mapping
from typing import NoReturn

from channels_app.senders.contract import OutgoingRequest, PermanentSendError

JSON_HEADERS = (("Content-Type", "application/json; charset=utf-8"),)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def utf8(text: str) -> bytes:
    """Return the text as UTF-8; what has no form in UTF-8 becomes U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def json_bytes(value: object) -> bytes:
    """Return compact JSON in UTF-8. Raises PermanentSendError on what JSON lacks."""
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise PermanentSendError("message_invalid_json", str(error)) from error
    return utf8(text)


def parsed_content(content: str) -> object:
    """Return JSON content as a value. Raises PermanentSendError if it is not JSON."""
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise PermanentSendError("message_invalid_json", "nested too deep") from error
    except ValueError as error:
        raise PermanentSendError("message_invalid_json", str(error)) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def post_json(url: str, value: Mapping[str, object]) -> OutgoingRequest:
    return OutgoingRequest("POST", url, JSON_HEADERS, json_bytes(value))


def one_line_subject(subject: str) -> str:
    """Return the subject fit for a title: providers draw titles in one line."""
    return " ".join(subject.split())


def headed(subject: str, content: str, gap: str) -> str:
    """Return subject and content with a gap between, or the one that is there."""
    return gap.join(part for part in (subject, content) if part.strip())
