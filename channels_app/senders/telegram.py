"""Telegram bots: a message to a chat, cut into several when it is long."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from channels_app.senders.answers import (
    http_refusal,
    is_success,
    json_object,
    refusal,
    retry_after,
    wait_seconds,
)
from channels_app.senders.bodies import post_json
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
from channels_app.senders.links import AnyCaseChoiceField, TextField
from channels_app.senders.message_errors import require_type
from channels_app.senders.telegram_errors import TELEGRAM_ERRORS, row_of
from channels_app.senders.telegram_texts import (
    TEXT_CHARACTERS,
    Fields,
    message_parts,
    plain_message,
)

PARSE_MODES = (
    ("MarkdownV2", "MarkdownV2"),
    ("HTML", "HTML"),
    ("Markdown", _("Markdown (old)")),
    ("none", _("None")),
)


class TelegramForm(ConfigForm):
    """Which bot writes into which chat, and how."""

    secret_fields = frozenset({"bot_token"})

    bot_token = TextField(
        label=_("Bot token"),
        max_length=80,
        validators=[
            RegexValidator(
                r"^[1-9][0-9]{0,16}:[A-Za-z0-9_-]+\Z",
                _("A token is a number, a colon and letters. Copy it again, whole."),
            )
        ],
        help_text=_("From @BotFather: /mybots → your bot → API Token."),
    )
    chat_id = TextField(
        label=_("Chat"),
        max_length=64,
        validators=[
            RegexValidator(
                r"^(?:-?[1-9][0-9]{0,18}|@[A-Za-z0-9_]{4,32})\Z",
                _("Enter a number, like -1001234567890, or @channelname."),
            )
        ],
        help_text=_(
            "The chat's number, or @name of a public channel. Write to the bot first "
            "(or add it to the group); getUpdates then shows chat → id."
        ),
    )
    parse_mode = AnyCaseChoiceField(
        label=_("Markup"),
        required=False,
        choices=PARSE_MODES,
        initial="MarkdownV2",
        help_text=_("How plain content is written. It looks the same in each."),
    )
    message_thread_id = forms.IntegerField(
        label=_("Topic"),
        required=False,
        min_value=1,
        help_text=_("Only for groups with topics: the number in the topic's link."),
    )
    disable_notification = forms.BooleanField(
        label=_("Silent"),
        required=False,
        help_text=_("The message arrives without a sound."),
    )
    disable_web_page_preview = forms.BooleanField(
        label=_("No link previews"), required=False
    )


class TelegramSender(HttpSender):
    """Sends by sendMessage; success is `ok` in the answer."""

    kind = "telegram"
    label = _("Telegram")
    form = TelegramForm
    content_types = frozenset(ContentType)
    limits = Limits(content_characters=TEXT_CHARACTERS, sends_per_second=30)
    sample: ClassVar = {"bot_token": "123456:sample-token", "chat_id": "42"}
    errors: ClassVar = TELEGRAM_ERRORS

    def destination(self, config: ConfigData) -> str:
        return str(config.get("bot_token", ""))

    def build(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        require_type(message, self.content_types)
        url = _url(config)
        chat = _chat_fields(config)
        parts = message_parts(config, message)
        return tuple(post_json(url, {**chat, **part}) for part in parts)

    def read(self, answer: Answer) -> Receipt:
        reply = json_object(answer)
        if reply is None or not isinstance(reply.get("ok"), bool):
            raise http_refusal(self.errors, answer)
        if reply["ok"] and is_success(answer):
            return Receipt(_message_id(reply))
        raise _refusal(answer, reply)

    def probe(self, config: ConfigData) -> OutgoingRequest | None:
        # getChat succeeds for people who blocked the bot; “typing” is refused like a
        # message, and leaves nothing behind.
        chat_id = _chat_fields(config)["chat_id"]
        action = {"chat_id": chat_id, "action": "typing"}
        return post_json(_url(config, "sendChatAction"), action)

    def build_plain(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        # No parse_mode at all: nothing is left that could be refused as markup.
        plain = self.plain(config, message)
        return self.build({**config, "parse_mode": "none"}, plain)

    def plain(self, config: ConfigData, message: Message) -> Message:
        """Return the message as plain text: marks and backslashes taken off.

        Marks without a partner stay, so “2 * 3” keeps its star. A link's address
        follows its text in brackets.
        """
        return plain_message(config, message)


def _url(config: ConfigData, method: str = "sendMessage") -> str:
    token = str(config.get("bot_token") or "")
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token):
        raise PermanentSendError("config_invalid", "bot_token")
    base = str(settings.TELEGRAM_API_BASE).rstrip("/")
    return f"{base}/bot{token}/{method}"


def _chat_fields(config: ConfigData) -> Fields:
    chat = str(config.get("chat_id") or "").strip()
    if not chat:
        raise PermanentSendError("config_invalid", "chat_id")
    is_number = re.fullmatch(r"-?[0-9]{1,19}", chat)
    fields: dict[str, object] = {"chat_id": int(chat) if is_number else chat}
    topic = str(config.get("message_thread_id") or "")
    if topic.isdecimal():
        fields["message_thread_id"] = int(topic)
    if config.get("disable_notification"):
        fields["disable_notification"] = True
    if config.get("disable_web_page_preview"):
        fields["link_preview_options"] = {"is_disabled": True}
    return fields


def _message_id(reply: Mapping[str, object]) -> str:
    result = reply.get("result")
    number = result.get("message_id") if isinstance(result, dict) else None
    return str(number) if isinstance(number, int) else ""


def _refusal(answer: Answer, reply: Mapping[str, object]) -> Exception:
    status = reply.get("error_code")
    if not isinstance(status, int) or isinstance(status, bool):
        status = answer.status
    said = str(reply.get("description") or "")
    given = reply.get("parameters")
    parameters = given if isinstance(given, dict) else {}
    row = row_of(status, said, parameters)
    if row is None:
        heard = replace(answer, status=status if status // 100 != 2 else 0)
        return http_refusal(TELEGRAM_ERRORS, heard, said)
    wait = wait_seconds(parameters.get("retry_after"))
    return refusal(
        TELEGRAM_ERRORS,
        row,
        said,
        wait=retry_after(answer) if wait is None else wait,
        correction=_correction(row, parameters),
    )


def _correction(row: str, parameters: Mapping[str, object]) -> Correction | None:
    if row == "chat_migrated":
        chat_id = parameters["migrate_to_chat_id"]
        return Correction(config_changes={"chat_id": str(chat_id)})
    return Correction(plain_text=True) if row == "markup_invalid" else None
