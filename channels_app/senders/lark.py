"""Lark and Feishu custom bots: one webhook address per group."""

import base64
import hashlib
import hmac
import html
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.senders.answers import (
    http_refusal,
    is_success,
    json_object,
    probe_receipt,
    quoted,
    refusal,
    retry_after,
    wait_seconds,
)
from channels_app.senders.bodies import (
    JSON_HEADERS,
    headed,
    json_bytes,
    one_line_subject,
    parsed_content,
    post_json,
)
from channels_app.senders.contract import (
    Answer,
    ConfigData,
    ConfigForm,
    ContentType,
    Correction,
    HttpSender,
    Limits,
    Message,
    OutgoingRequest,
    PermanentSendError,
    Receipt,
)
from channels_app.senders.lark_errors import LARK_ERRORS
from channels_app.senders.links import (
    AnyCaseChoiceField,
    LinkField,
    TextField,
    host_of,
    unencrypted_warnings,
)
from channels_app.senders.message_errors import (
    require_size,
    require_text,
    require_type,
)
from templates_app.engine.escapes import escape_lark_markdown, neutralise_lark_at

KNOWN_HOSTS = frozenset({"open.feishu.cn", "open.larksuite.com"})
BODY_BYTES = 20 * 1024
MSG_TYPES = (
    ("text", _("Plain text")),
    ("interactive", _("Card")),
    ("markdown", _("Card with markdown")),
    ("post", _("Rich text with title")),
)
_CARD_PARTS = frozenset({"schema", "header", "body", "elements", "i18n_elements"})
_TOO_OFTEN = re.compile(r"frequen|too many|rate limit", re.IGNORECASE)


class LarkForm(ConfigForm):
    """The webhook address of a group's custom bot, and how plain content looks."""

    secret_fields = frozenset({"webhook_url", "secret"})

    webhook_url = LinkField(
        label=_("Webhook address"),
        help_text=_(
            "In the group: Settings → Bots → Add bot → Custom bot. Copy the address "
            "that begins with https://open.feishu.cn/open-apis/bot/v2/hook/ or "
            "https://open.larksuite.com/open-apis/bot/v2/hook/."
        ),
    )
    secret = TextField(
        label=_("Signing secret"),
        required=False,
        max_length=255,
        help_text=_(
            "Only if “Signature verification” is on in the bot's security settings: "
            "copy the secret shown there."
        ),
    )
    msg_type = AnyCaseChoiceField(
        label=_("Show plain content as"),
        required=False,
        choices=MSG_TYPES,
        initial="text",
        help_text=_("Content of the type JSON decides for itself."),
    )

    def warnings(self) -> list[StrOrPromise]:
        link = self.cleaned_data["webhook_url"]
        found = unencrypted_warnings(link)
        if host_of(link) not in KNOWN_HOSTS:
            found.append(
                _("The host is neither open.feishu.cn nor open.larksuite.com.")
            )
        elif "/open-apis/bot/v2/hook/" not in link:
            found.append(
                _(
                    "A custom bot's address holds /open-apis/bot/v2/hook/: copy it again."
                )
            )
        return found


PROBE_ARRIVED = frozenset({"19002", "9499", "19021"})


class LarkSender(HttpSender):
    """Sends to a custom bot; success is `code` 0 in the answer."""

    kind = "lark"
    label = _("Lark / Feishu")
    form = LarkForm
    content_types = frozenset(
        {ContentType.TEXT, ContentType.MARKDOWN, ContentType.JSON}
    )
    limits = Limits(body_bytes=BODY_BYTES, sends_per_second=5, sends_per_minute=100)
    sample: ClassVar = {
        "webhook_url": "https://open.larksuite.com/open-apis/bot/v2/hook/sample"
    }
    errors: ClassVar = LARK_ERRORS

    def destination(self, config: ConfigData) -> str:
        return str(config.get("webhook_url", ""))

    def build(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        require_type(message, self.content_types)
        url = str(config.get("webhook_url") or "")
        if not url:
            raise PermanentSendError("config_invalid", "webhook_url")
        body = json_bytes(_signed(_body(config, message), config, message.sent_at))
        require_size(len(body), BODY_BYTES, "bytes")
        return (OutgoingRequest("POST", url, JSON_HEADERS, body),)

    def probe(self, config: ConfigData) -> OutgoingRequest | None:
        # Lark looks at the token before the content: a bot that exists answers that
        # msg_type is missing, or the signature, and posts nothing.
        url = str(config.get("webhook_url") or "")
        return post_json(url, {}) if url else None

    def read_probe(self, answer: Answer) -> Receipt:
        return probe_receipt(self.read, answer, PROBE_ARRIVED)

    def read(self, answer: Answer) -> Receipt:
        reply = json_object(answer)
        code = _reply_code(reply) if reply is not None else None
        if code == 0 and is_success(answer):
            return Receipt()
        if reply is None or not code:
            raise http_refusal(self.errors, answer)
        said = str(reply.get("msg") or reply.get("StatusMessage") or quoted(answer))
        row = _row_of(code, said)
        if row not in self.errors:
            raise _unknown(answer, code, said)
        correction = Correction(plain_text=True) if row == "11246" else None
        wait = _wait(answer)
        raise refusal(self.errors, row, said, wait=wait, correction=correction)

    def build_plain(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        # Whatever the config shows plain content as, a refused card becomes a text.
        plain = self.plain(config, message)
        return self.build({**config, "msg_type": "text"}, plain)

    def plain(self, config: ConfigData, message: Message) -> Message:
        """Return the message as text that needs no card, for a refused card.

        The words of a card stand one a line; escaped characters are themselves again.
        """
        text = message.content
        if message.content_type is ContentType.JSON:
            text = "\n".join(_texts(parsed_content(text)))
        if message.content_type is not ContentType.TEXT:
            text = html.unescape(text)
        return replace(message, content=text, content_type=ContentType.TEXT)


def sign(secret: str, timestamp: str) -> str:
    """Return Lark's signature: the key is time and secret, the message is empty."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def _signed(
    body: Mapping[str, object], config: ConfigData, sent_at: datetime
) -> Mapping[str, object]:
    secret = str(config.get("secret") or "")
    if not secret:
        return body
    timestamp = str(int(sent_at.timestamp()))
    return {**body, "timestamp": timestamp, "sign": sign(secret, timestamp)}


def _body(config: ConfigData, message: Message) -> Mapping[str, object]:
    if message.content_type is ContentType.JSON:
        return _whole_body(parsed_content(message.content))
    require_text(message)
    subject = one_line_subject(message.subject)
    if message.content_type is ContentType.MARKDOWN:
        return _card(subject, message.content)
    match str(config.get("msg_type") or "text"):
        case "interactive" | "markdown":
            return _card(subject, escape_lark_markdown(message.content))
        case "post":
            return _post(subject, neutralise_lark_at(message.content))
    text = neutralise_lark_at(headed(message.subject, message.content, "\n"))
    return {"msg_type": "text", "content": {"text": text}}


def _card(subject: str, markdown: str) -> Mapping[str, object]:
    card: dict[str, object] = {"config": {"wide_screen_mode": True}}
    if subject:
        card["header"] = {"title": {"tag": "plain_text", "content": subject}}
    if markdown.strip():
        card["elements"] = [{"tag": "markdown", "content": markdown}]
    else:
        card["elements"] = [{"tag": "hr"}]
    return {"msg_type": "interactive", "card": card}


def _post(subject: str, content: str) -> Mapping[str, object]:
    lines = [[{"tag": "text", "text": line}] for line in content.split("\n")]
    post = {"zh_cn": {"title": subject, "content": lines}}
    return {"msg_type": "post", "content": {"post": post}}


def _whole_body(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise PermanentSendError("message_invalid", "not an object")
    if "msg_type" not in value and "card" in value:
        return {"msg_type": "interactive", **value}
    if "msg_type" not in value and _CARD_PARTS & value.keys():
        return {"msg_type": "interactive", "card": value}
    if not isinstance(value.get("msg_type"), str):
        raise PermanentSendError("message_invalid", "msg_type is missing")
    if not {"card", "content"} & value.keys():
        raise PermanentSendError("message_invalid", "card or content is missing")
    return value


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if not isinstance(value, dict):
        return []
    said = [value[key] for key in ("text", "content") if _is_text(value.get(key))]
    return said + [text for item in value.values() for text in _texts(item)]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _reply_code(reply: Mapping[str, object]) -> int | None:
    code = reply.get("code", reply.get("StatusCode"))
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _row_of(code: int, said: str) -> str:
    """Return the row; 9499 is shared by a wrong format and by sending too often."""
    if code == 9499 and _TOO_OFTEN.search(said):
        return "9499_frequency"
    return str(code)


def _unknown(answer: Answer, code: int, said: str) -> Exception:
    detail = f"{code} {said}"
    if not is_success(answer):
        return http_refusal(LARK_ERRORS, answer, detail)
    return refusal(LARK_ERRORS, "unknown_code", detail, wait=retry_after(answer))


def _wait(answer: Answer) -> float | None:
    reset = answer.headers.get("x-ogw-ratelimit-reset", "")
    if reset.isascii() and reset.isdigit() and len(reset) < 10:
        return wait_seconds(int(reset))
    return retry_after(answer)
