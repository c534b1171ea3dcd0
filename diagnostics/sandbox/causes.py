"""Why a provider refused, in words for the person who looks at the inbox."""

from django.utils.translation import gettext_lazy as _

_BY_CODE = {
    ("lark", "404"): _("The address is not that of a bot. Copy the URL again."),
    ("lark", "9499"): _(
        "The body does not fit its msg_type, is not JSON, or is over 20 KB. "
        "A card belongs under “card”, everything else under “content”."
    ),
    ("lark", "19001"): _(
        "The token is wrong, or the bot was removed from its group. "
        "Add the bot again and copy the new URL."
    ),
    ("lark", "19002"): _("The body has no msg_type."),
    ("lark", "19021"): _(
        "The secret differs, the timestamp is in milliseconds, or the clock is over "
        "an hour off. The key is timestamp, line break and secret; the message is empty."
    ),
    ("lark", "19024"): _("The bot demands a keyword that the message does not have."),
    ("lark", "11232"): _("More than 5 messages in a second or 100 in a minute."),
    ("lark", "11246"): _(
        "The card is not valid for its edition. The inner code says where to look."
    ),
    ("telegram", "401"): _(
        "The bot token is wrong or was revoked. Ask BotFather for the current one."
    ),
    ("telegram", "404"): _("The address is not bot<token>/<method>."),
    ("telegram", "429"): _("Too many messages at once. Wait as long as it says."),
    ("telegram", "500"): _("Telegram has trouble of its own. Try again later."),
    ("slack", "invalid_payload"): _("The body is not a JSON object Slack can read."),
    ("slack", "no_text"): _("The message has neither text, blocks nor attachments."),
    ("slack", "no_service"): _(
        "The webhook was deleted, or its address is incomplete. Make a new one."
    ),
    ("slack", "channel_is_archived"): _("The channel is archived. Choose another."),
    ("slack", "invalid_blocks"): _(
        "A block is malformed or too long: 50 blocks, 3000 characters in a section."
    ),
    ("slack", "action_prohibited"): _("The workspace restricts who may post here."),
    ("slack", "rate_limited"): _("More than about one message a second."),
    ("webhook", "invalid_signature"): _(
        "The signature was made with another secret, over another body, or long ago."
    ),
    ("webhook", "gone"): _("The receiver says this address is gone for good."),
    ("webhook", "rate_limited"): _("The receiver is being called too often."),
    ("webhook", "unprocessable"): _("The receiver does not accept this content."),
}
_TELEGRAM_WORDS = (
    ("can't parse entities", _("A character is not escaped, or a mark is not closed.")),
    ("chat not found", _("The chat id is wrong, or nobody has started the bot.")),
    ("chat_id is empty", _("The request names no chat.")),
    ("upgraded to a supergroup", _("The group has a new id: use migrate_to_chat_id.")),
    ("thread not found", _("There is no such topic in this group.")),
    ("too long", _("A message holds 4096 characters. Split the text.")),
    ("message text is empty", _("The message has no text.")),
    ("non-empty", _("Nothing but white space is left of the text.")),
    ("unsupported parse_mode", _("Use MarkdownV2, HTML or no parse_mode.")),
    ("blocked by the user", _("The reader has blocked the bot.")),
    ("kicked", _("The bot was removed from the group.")),
    ("strings must be encoded", _("The text is not UTF-8.")),
)


def likely_cause(provider: str, code: str, reason: str) -> str:
    """Return a sentence in the active language, or nothing where none is known."""
    if provider == "telegram":
        for fragment, cause in _TELEGRAM_WORDS:
            if fragment in reason:
                return str(cause)
    return str(_BY_CODE.get((provider, code), ""))
