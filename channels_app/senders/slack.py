"""Slack incoming webhooks: one address per channel."""

import re
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
)
from channels_app.senders.bodies import (
    headed,
    one_line_subject,
    parsed_content,
    post_json,
)
from channels_app.senders.contract import (
    Answer,
    ConfigData,
    ConfigForm,
    ContentType,
    HttpSender,
    Limits,
    Message,
    OutgoingRequest,
    PermanentSendError,
    Receipt,
)
from channels_app.senders.links import LinkField, host_of, unencrypted_warnings
from channels_app.senders.message_errors import (
    require_size,
    require_text,
    require_type,
)
from channels_app.senders.slack_errors import ALIASES, SLACK_ERRORS
from templates_app.engine.escapes import escape_slack

TEXT_CHARACTERS = 40_000
SECTION_CHARACTERS = 3_000
BLOCKS = 50


class SlackForm(ConfigForm):
    """The incoming webhook of a Slack channel."""

    secret_fields = frozenset({"webhook_url"})

    webhook_url = LinkField(
        label=_("Webhook address"),
        help_text=_(
            "At api.slack.com/apps: your app → Incoming Webhooks → Add New Webhook to "
            "Workspace. Copy the address that begins with "
            "https://hooks.slack.com/services/."
        ),
    )

    def warnings(self) -> list[StrOrPromise]:
        link = self.cleaned_data["webhook_url"]
        found = unencrypted_warnings(link)
        if host_of(link) != "hooks.slack.com":
            found.append(_("The host is not hooks.slack.com."))
        return found


PROBE_ARRIVED = frozenset({"no_text", "invalid_payload"})


class SlackSender(HttpSender):
    """Sends to an incoming webhook; success is HTTP 200 and the body `ok`."""

    kind = "slack"
    label = _("Slack")
    form = SlackForm
    content_types = frozenset(
        {ContentType.TEXT, ContentType.MARKDOWN, ContentType.JSON}
    )
    limits = Limits(content_characters=TEXT_CHARACTERS, sends_per_second=1)
    sample: ClassVar = {
        "webhook_url": "https://hooks.slack.com/services/T000/B000/sample"
    }
    errors: ClassVar = SLACK_ERRORS

    def destination(self, config: ConfigData) -> str:
        return str(config.get("webhook_url", ""))

    def build(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        require_type(message, self.content_types)
        url = str(config.get("webhook_url") or "")
        if not url:
            raise PermanentSendError("config_invalid", "webhook_url")
        return (post_json(url, _body(message)),)

    def probe(self, config: ConfigData) -> OutgoingRequest | None:
        # A webhook that exists answers that a text is missing, and posts nothing.
        url = str(config.get("webhook_url") or "")
        return post_json(url, {}) if url else None

    def read_probe(self, answer: Answer) -> Receipt:
        return probe_receipt(self.read, answer, PROBE_ARRIVED)

    def read(self, answer: Answer) -> Receipt:
        word = _word(answer)
        if answer.status == 200 and word == "ok":
            return Receipt()
        code = ALIASES.get(word, word)
        is_known = code in self.errors and not code.startswith("http_")
        if not is_known and (not is_success(answer) or not word):
            raise http_refusal(self.errors, answer)
        row = code if is_known else "unknown_code"
        raise refusal(self.errors, row, quoted(answer), wait=retry_after(answer))


def _word(answer: Answer) -> str:
    """Return Slack's word for the outcome; incoming webhooks answer it as plain text."""
    reply = json_object(answer)
    said = answer.body[:100].decode("utf-8", "replace")
    text = str(reply.get("error") or "") if reply is not None else said
    found = re.fullmatch(r"\s*([a-z_]{1,64})\s*", text)
    return found[1] if found else ""


def _body(message: Message) -> dict[str, object]:
    if message.content_type is ContentType.JSON:
        return _json_body(message)
    require_text(message)
    is_plain = message.content_type is ContentType.TEXT
    content = escape_slack(message.content) if is_plain else message.content
    text = headed(_bold(message.subject), content, "\n\n")
    require_size(len(text), TEXT_CHARACTERS, "characters")
    return {"text": text}


def _bold(subject: str) -> str:
    line = one_line_subject(escape_slack(subject))
    return f"*{line}*" if line else ""


def _json_body(message: Message) -> dict[str, object]:
    value = parsed_content(message.content)
    body = {"blocks": value} if isinstance(value, list) else value
    if not isinstance(body, dict):
        raise PermanentSendError("message_invalid", "neither blocks nor an object")
    if not {"text", "blocks", "attachments"} & body.keys():
        raise PermanentSendError("message_invalid", "text or blocks is missing")
    if "blocks" in body:
        _check_blocks(body["blocks"])
    if isinstance(body.get("text"), str):
        require_size(len(body["text"]), TEXT_CHARACTERS, "characters")
    # Slack shows `text` where it cannot draw blocks: in notifications and lists.
    subject = escape_slack(message.subject).strip()
    return {"text": subject, **body} if subject else body


def _check_blocks(blocks: object) -> None:
    if not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
        raise PermanentSendError("message_invalid", "blocks is not a list of objects")
    require_size(len(blocks), BLOCKS, "blocks")
    for block in blocks:
        text = block.get("text")
        if block.get("type") == "section" and isinstance(text, dict):
            shown = str(text.get("text", ""))
            require_size(len(shown), SECTION_CHARACTERS, "characters in a section")
