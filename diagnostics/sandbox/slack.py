"""The rules of Slack's incoming webhooks: plain-text answers, blocks checked."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from diagnostics.sandbox.drawing import Seen
from diagnostics.sandbox.exchange import Arrived, Reply, Request, text_reply
from diagnostics.sandbox.slack_blocks import BlocksError, check_blocks
from diagnostics.sandbox.slack_drawing import draw

MAX_TEXT = 40_000
MAX_ATTACHMENTS = 100

_PATH = re.compile(r"services/(T[^/]*)/(B[^/]*)/([^/]+)/?")


class RefusedError(Exception):
    """Slack's one-word answer, its HTTP status and what is wrong in detail."""

    def __init__(self, status: int, word: str, detail: str = "") -> None:
        super().__init__(word)
        self.status = status
        self.word = word
        self.detail = detail


def receive(request: Request) -> Reply:
    """Answer one post to `services/T…/B…/<token>`."""
    message: Mapping[str, object] = {}
    try:
        _check_address(request)
        message = _read(request)
        _check(message)
    except RefusedError as error:
        return _refuse(error, draw(message, MAX_TEXT))
    return text_reply(200, "ok", Arrived(True, "ok", "", draw(message, MAX_TEXT)))


def rate_limited(seconds: int) -> Reply:
    """Answer as beyond about one message a second."""
    arrived = Arrived(False, "rate_limited", "rate_limited")
    return text_reply(429, "rate_limited", arrived, (("Retry-After", str(seconds)),))


def refused() -> Reply:
    """Answer as for a workspace that restricts who may post."""
    return _refuse(RefusedError(403, "action_prohibited"), Seen())


def failed() -> Reply:
    """Answer as a server with trouble of its own does."""
    return _refuse(RefusedError(500, "rollup_error"), Seen())


def _refuse(error: RefusedError, seen: Seen) -> Reply:
    arrived = Arrived(False, error.word, error.detail or error.word, seen)
    return text_reply(error.status, error.word, arrived)


def _check_address(request: Request) -> None:
    found = _PATH.fullmatch(request.path)
    if not found:
        raise RefusedError(404, "no_service", "the path is not /services/T…/B…/…")
    if request.method != "POST":
        raise RefusedError(405, "method_not_allowed")
    token = found[3]
    if token.startswith("no-service"):
        raise RefusedError(404, "no_service")
    if token.startswith("archived"):
        raise RefusedError(410, "channel_is_archived")


def _read(request: Request) -> Mapping[str, object]:
    try:
        message = json.loads(_payload(request))
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "invalid_payload", str(error)) from error
    if not isinstance(message, dict):
        raise RefusedError(400, "invalid_payload", "a JSON object is needed")
    return message


def _payload(request: Request) -> str:
    text = request.body.decode()
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("application/x-www-form-urlencoded"):
        return parse_qs(text).get("payload", [""])[0]
    return text


def _check(message: Mapping[str, object]) -> None:
    text = message.get("text", "")
    if not isinstance(text, str):
        raise RefusedError(400, "invalid_payload", "text is not a string")
    attachments = message.get("attachments") or []
    if not isinstance(attachments, list):
        raise RefusedError(400, "invalid_payload", "attachments is not a list")
    if len(attachments) > MAX_ATTACHMENTS:
        raise RefusedError(400, "too_many_attachments")
    _check_content(message)
    if not text.strip() and not attachments and not message.get("blocks"):
        raise RefusedError(400, "no_text")


def _check_content(message: Mapping[str, object]) -> None:
    blocks = message.get("blocks")
    if blocks is None:
        return
    try:
        check_blocks(blocks)
    except BlocksError as error:
        raise RefusedError(400, "invalid_blocks", str(error)) from error
