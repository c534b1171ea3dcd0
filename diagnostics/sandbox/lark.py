"""The rules of a Lark custom bot: token, signature, keyword, shape, its codes."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping

from diagnostics.sandbox.drawing import Seen
from diagnostics.sandbox.exchange import Arrived, Reply, Request, json_reply
from diagnostics.sandbox.lark_card import CardError, check_card
from diagnostics.sandbox.lark_drawing import draw

SIGNED_WITH = "sandbox-lark-secret"
KEYWORD = "alert"
MAX_BYTES = 20 * 1024
MAX_AGE_SECONDS = 3600

_PATH = re.compile(r"hook/([^/]+)/?")
_LANGUAGE = re.compile(r"[a-z]{2}_[a-z]{2}")
_NODES: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "a": ("text", "href"),
    "at": ("user_id",),
    "img": ("image_key",),
}

BAD_REQUEST = (9499, "Bad Request")
BAD_TOKEN = (19001, "param invalid: incoming webhook access token invalid")
NO_TYPE = (19002, "params error, msg_type need")
BAD_SIGN = (
    19021,
    "sign match fail or timestamp is not within one hour from current time",
)
NO_KEYWORD = (19024, "Key Words Not Found")
TOO_OFTEN = (11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]")
BAD_CARD = 11246

Part = Mapping[str, object]


class RefusedError(Exception):
    """The bot says no: its code, its words, and what is wrong in detail."""

    def __init__(self, answer: tuple[int, str], detail: str = "") -> None:
        super().__init__(answer[1])
        self.code, self.words = answer
        self.detail = detail


def sign(timestamp: str, secret: str) -> str:
    """Compute the signature: the key is time and secret, the message is empty."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def receive(request: Request) -> Reply:
    """Answer one post to `hook/<token>`; business errors come with HTTP 200."""
    found = _PATH.fullmatch(request.path)
    if not found or request.method != "POST":
        arrived = Arrived(False, "404", "404 page not found")
        return Reply(
            404, (("Content-Type", "text/plain"),), b"404 page not found", arrived
        )
    message: Part = {}
    try:
        _check_token(found[1])
        message = _read(request.body)
        _check(found[1], message, request.now)
    except RefusedError as error:
        return _refuse(error, draw(message))
    content = {
        "StatusCode": 0,
        "StatusMessage": "success",
        "code": 0,
        "data": {},
        "msg": "success",
    }
    return json_reply(200, content, Arrived(True, "0", "", draw(message)))


def rate_limited(_seconds: int) -> Reply:
    """Answer as beyond five a second; Lark names no wait."""
    return _refuse(RefusedError(TOO_OFTEN), Seen())


def refused() -> Reply:
    """Answer as to a wrong signature."""
    return _refuse(RefusedError(BAD_SIGN), Seen())


def failed() -> Reply:
    """Answer as a gateway with trouble of its own."""
    arrived = Arrived(False, "500", "Internal Server Error")
    return json_reply(500, {"code": 500, "msg": "Internal Server Error"}, arrived)


def _refuse(error: RefusedError, seen: Seen) -> Reply:
    content = {"code": error.code, "msg": error.words, "data": {}}
    reason = f"{error.words} ({error.detail})" if error.detail else error.words
    return json_reply(200, content, Arrived(False, str(error.code), reason, seen))


def _check_token(token: str) -> None:
    if token.startswith("gone"):
        raise RefusedError(BAD_TOKEN)


def _read(body: bytes) -> Part:
    if len(body) > MAX_BYTES:
        raise RefusedError(BAD_REQUEST, f"{len(body)} bytes, {MAX_BYTES} at most")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(BAD_REQUEST, f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise RefusedError(BAD_REQUEST, "not a JSON object")
    return message


def _check(token: str, message: Part, now: float) -> None:
    if not message.get("msg_type"):
        raise RefusedError(NO_TYPE)
    if token.endswith("-signed"):
        _check_sign(message, now)
    if "keyword" in token and KEYWORD not in "\n".join(_words(message)):
        raise RefusedError(NO_KEYWORD)
    check = _SHAPES.get(str(message["msg_type"]))
    if check is None:
        raise RefusedError(BAD_REQUEST, f"msg_type {message['msg_type']!r} is unknown")
    check(message)


def _check_sign(message: Part, now: float) -> None:
    timestamp, given = str(message.get("timestamp", "")), str(message.get("sign", ""))
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise RefusedError(BAD_SIGN, "timestamp is missing or no Unix time")
    if abs(now - int(timestamp)) > MAX_AGE_SECONDS:
        raise RefusedError(BAD_SIGN, "timestamp is over an hour away")
    expected = sign(timestamp, SIGNED_WITH).encode()
    if not hmac.compare_digest(expected, given.encode("utf-8", "replace")):
        raise RefusedError(BAD_SIGN, "sign does not match")


def _words(value: object) -> Iterator[str]:
    # Walks without recursion: what arrives may be nested as deep as JSON allows.
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(v for k, v in item.items() if k not in ("sign", "msg_type"))
        elif isinstance(item, list):
            waiting.extend(item)


def _content(message: Part) -> Part:
    content = message.get("content")
    if not isinstance(content, dict):
        raise RefusedError(BAD_REQUEST, "content is not an object")
    return content


def _need_text(part: Part, name: str, where: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(BAD_REQUEST, f"{where}.{name} is not a text")
    return value


def _check_text(message: Part) -> None:
    _need_text(_content(message), "text", "content")


def _check_image(message: Part) -> None:
    key = _need_text(_content(message), "image_key", "content")
    if not key.startswith("img_"):
        raise RefusedError(BAD_REQUEST, "image_key does not begin with img_")


def _check_share_chat(message: Part) -> None:
    key = _need_text(_content(message), "share_chat_id", "content")
    if not key.startswith("oc_"):
        raise RefusedError(BAD_REQUEST, "share_chat_id does not begin with oc_")


def _check_post(message: Part) -> None:
    post = _content(message).get("post")
    if not isinstance(post, dict) or not post:
        raise RefusedError(BAD_REQUEST, "content.post is missing")
    for language, page in post.items():
        if not _LANGUAGE.fullmatch(language) or not isinstance(page, dict):
            raise RefusedError(BAD_REQUEST, f"content.post.{language} is no language")
        _check_page(page, f"content.post.{language}")


def _check_page(page: Part, where: str) -> None:
    lines = page.get("content")
    if not isinstance(page.get("title", ""), str):
        raise RefusedError(BAD_REQUEST, f"{where}.title is not a text")
    if not isinstance(lines, list) or not all(isinstance(x, list) for x in lines):
        raise RefusedError(BAD_REQUEST, f"{where}.content is not a list of lists")
    for node in (node for line in lines for node in line):
        _check_node(node, where)


def _check_node(node: object, where: str) -> None:
    tag = node.get("tag") if isinstance(node, dict) else None
    fields = _NODES.get(tag) if isinstance(tag, str) else None
    if not isinstance(node, dict) or fields is None:
        raise RefusedError(BAD_REQUEST, f"{where}: tag {tag!r} is unknown")
    for name in fields:
        if not isinstance(node.get(name), str):
            raise RefusedError(BAD_REQUEST, f"{where}: {tag} needs {name}")


def _check_interactive(message: Part) -> None:
    card = message.get("card")
    if not isinstance(card, dict):
        raise RefusedError(BAD_REQUEST, "the card belongs under the key card")
    try:
        check_card(card)
    except CardError as error:
        words = (
            f"Failed to create card content, ext=ErrCode: {error.code}; "
            f"ErrMsg: {error}; ErrorValue: {error.value}; "
        )
        raise RefusedError((BAD_CARD, words)) from error


_SHAPES: Mapping[str, Callable[[Part], None]] = {
    "text": _check_text,
    "post": _check_post,
    "image": _check_image,
    "share_chat": _check_share_chat,
    "interactive": _check_interactive,
}
