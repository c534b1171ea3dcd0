"""The Bot API's rules: tokens, chats, parsing of text, length, and its answers."""

import re
from collections.abc import Callable, Mapping

from diagnostics.sandbox.drawing import Seen
from diagnostics.sandbox.entities import EntityError, Parsed, trimmed
from diagnostics.sandbox.exchange import Arrived, Reply, Request, json_reply
from diagnostics.sandbox.markdown_legacy import parse_markdown
from diagnostics.sandbox.markdown_v2 import parse_markdown_v2
from diagnostics.sandbox.telegram_drawing import draw, entity_json
from diagnostics.sandbox.telegram_html import parse_html
from diagnostics.sandbox.telegram_params import (
    Params,
    ParamsError,
    is_true,
    read_object,
    read_params,
)

SAMPLE_BOT = "123456:sandbox-token"
MAX_CHARACTERS = 4096
MAX_RAW_BYTES = 32768
MISSING_THREAD = 404
NEW_CHAT_ID = -1001

_PATH = re.compile(r"bot([^/]+)/([^/]+)/?")
_TOKEN = re.compile(r"([1-9][0-9]*):[^/]{8,}")
_CHAT_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_PARSERS: Mapping[str, Callable[[str], Parsed]] = {
    "": Parsed,
    "none": Parsed,
    "markdownv2": parse_markdown_v2,
    "markdown": parse_markdown,
    "html": parse_html,
}


class RefusedError(Exception):
    """The server says no, with its code and its words."""

    def __init__(
        self, code: int, description: str, parameters: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}


def receive(request: Request) -> Reply:
    """Answer one call to `bot<token>/<method>`."""
    try:
        token, method = _address(request.path)
        _check_token(token)
        return _call(method, token, request)
    except RefusedError as refused:
        return refuse(refused)


def rate_limited(seconds: int) -> Reply:
    """Answer as the flood control does."""
    words = f"Too Many Requests: retry after {seconds}"
    return refuse(RefusedError(429, words, {"retry_after": seconds}))


def refused() -> Reply:
    """Answer as for a chat whose user has blocked the bot."""
    return refuse(RefusedError(403, "Forbidden: bot was blocked by the user"))


def failed() -> Reply:
    """Answer as a server with trouble of its own does."""
    return refuse(RefusedError(500, "Internal Server Error"))


def refuse(error: RefusedError, seen: Seen | None = None) -> Reply:
    content: dict[str, object] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        content["parameters"] = dict(error.parameters)
    arrived = Arrived(False, str(error.code), error.description, seen or Seen())
    headers = tuple(
        ("Retry-After", str(value))
        for name, value in error.parameters.items()
        if name == "retry_after"
    )
    return json_reply(error.code, content, arrived, headers)


def _address(path: str) -> tuple[str, str]:
    found = _PATH.fullmatch(path)
    if not found:
        raise RefusedError(404, "Not Found")
    return found[1], found[2]


def _check_token(token: str) -> None:
    bot_id, _, _ = token.partition(":")
    well_formed = (
        ":" in token
        and len(token) <= 80
        and bot_id.isascii()
        and bot_id.isdigit()
        and not token.startswith("0")
        and 1 <= int(bot_id) < 2**54
    )
    if not well_formed:
        raise RefusedError(401, "Unauthorized: invalid token specified")
    if "revoked" in token or not _TOKEN.fullmatch(token):
        raise RefusedError(401, "Unauthorized")


def _call(method: str, token: str, request: Request) -> Reply:
    if request.method not in ("GET", "POST"):
        raise RefusedError(405, "Method Not Allowed")
    try:
        params = read_params(request)
    except ParamsError as error:
        raise RefusedError(400, f"Bad Request: {error}") from error
    match method.lower():
        case "getme":
            return _ok(_bot(token) | _ABILITIES, None)
        case "getchat":
            return _ok(_chat(params) | {"accent_color_id": 0}, None)
        case "sendmessage":
            return _send_message(token, params, request)
        case _:
            raise RefusedError(404, "Not Found: method not found")


_ABILITIES: dict[str, object] = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


def _bot(token: str) -> dict[str, object]:
    return {
        "id": int(token.partition(":")[0]),
        "is_bot": True,
        "first_name": "Sandbox",
        "username": "sandbox_bot",
    }


def _ok(result: Mapping[str, object], arrived: Arrived | None) -> Reply:
    return json_reply(200, {"ok": True, "result": result}, arrived)


def _chat(params: Params) -> dict[str, object]:
    chat_id = params.get("chat_id", "").strip()
    if not chat_id:
        raise RefusedError(400, "Bad Request: chat_id is empty")
    if _CHAT_NAME.fullmatch(chat_id):
        return _channel(chat_id)
    number = _chat_number(chat_id)
    if number in _CHATS_THAT_REFUSE:
        raise RefusedError(*_CHATS_THAT_REFUSE[number])
    return _numbered_chat(number)


def _chat_number(text: str) -> int:
    if re.fullmatch(r"-?[1-9][0-9]{0,18}", text):
        number = int(text)
        if -(2**63) <= number < 2**63:
            return number
    raise RefusedError(400, "Bad Request: chat not found")


_CHATS_THAT_REFUSE: Mapping[int, tuple[int, str, Mapping[str, int]]] = {
    -404: (400, "Bad Request: chat not found", {}),
    -403: (403, "Forbidden: bot was blocked by the user", {}),
    -1: (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": NEW_CHAT_ID},
    ),
    -2: (403, "Forbidden: bot was kicked from the group chat", {}),
}


def _channel(name: str) -> dict[str, object]:
    return {
        "id": -1000000000001,
        "title": name[1:],
        "username": name[1:],
        "type": "channel",
    }


def _numbered_chat(number: int) -> dict[str, object]:
    if number > 0:
        return {"id": number, "first_name": "Sandbox reader", "type": "private"}
    kind = "supergroup" if number <= NEW_CHAT_ID else "group"
    return {"id": number, "title": "Sandbox group", "type": kind}


def _send_message(token: str, params: Params, request: Request) -> Reply:
    # What is refused is shown as it came: nobody has parsed it.
    raw = draw(Parsed(params.get("text", "")), {}, params)
    try:
        return _compose(token, params, request)
    except RefusedError as error:
        return refuse(error, raw)
    except ParamsError as error:
        return refuse(RefusedError(400, f"Bad Request: {error}"), raw)


def _compose(token: str, params: Params, request: Request) -> Reply:
    parsed = _parsed(params)
    markup = _markup(params)
    chat = _chat(params)
    if params.get("message_thread_id") == str(MISSING_THREAD):
        raise RefusedError(400, "Bad Request: message thread not found")
    if len(parsed.text) > MAX_CHARACTERS:
        raise RefusedError(400, "Bad Request: message is too long")
    result: dict[str, object] = {
        "message_id": request.serial,
        "from": _bot(token),
        "chat": chat,
        "date": int(request.now),
        "text": parsed.text,
    }
    result.update(_extras(parsed, markup, params))
    return _ok(result, Arrived(True, "ok", "", draw(parsed, markup, params)))


def _extras(
    parsed: Parsed, markup: Mapping[str, object], params: Params
) -> dict[str, object]:
    extras: dict[str, object] = {}
    if parsed.entities:
        extras["entities"] = [entity_json(entity) for entity in parsed.entities]
    preview = read_object(params, "link_preview_options")
    if preview:
        extras["link_preview_options"] = preview
    if "inline_keyboard" in markup:
        extras["reply_markup"] = markup
    thread = params.get("message_thread_id", "")
    if thread.isascii() and thread.isdigit() and int(thread):
        extras["message_thread_id"] = int(thread)
    if is_true(params.get("protect_content", "")):
        extras["has_protected_content"] = True
    return extras


def _parsed(params: Params) -> Parsed:
    text = params.get("text", "")
    parse = _PARSERS.get(params.get("parse_mode", "").lower())
    if not text:
        raise RefusedError(400, "Bad Request: message text is empty")
    if len(text.encode()) > MAX_RAW_BYTES:
        raise RefusedError(400, "Bad Request: text is too long")
    if parse is None:
        raise RefusedError(400, "Bad Request: unsupported parse_mode")
    try:
        parsed = trimmed(parse(text))
    except EntityError as error:
        words = f"Bad Request: can't parse entities: {error}"
        raise RefusedError(400, words) from error
    if not parsed.text:
        raise RefusedError(400, "Bad Request: text must be non-empty")
    return parsed


def _markup(params: Params) -> Mapping[str, object]:
    markup = read_object(params, "reply_markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ParamsError('field "inline_keyboard" must be of type Array')
    for button in (button for row in rows for button in row):
        _check_button(button)
    return markup


def _check_button(button: object) -> None:
    if not isinstance(button, dict):
        raise ParamsError("can't parse inline keyboard button: Object expected")
    text = button.get("text")
    if not isinstance(text, str) or not text:
        raise ParamsError(
            "can't parse inline keyboard button: Can't find field \"text\""
        )
    if len(button) < 2:
        raise ParamsError(
            "can't parse inline keyboard button: "
            "Text buttons are unallowed in the inline keyboard"
        )
