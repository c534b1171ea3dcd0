"""What Telegram answers, and what helps. Its texts are English and may change."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.http_errors import error_table
from channels_app.senders.waiting_steps import WAIT

_TEST = _("Send a test message from the channel config: it arrives in the chat.")

# HTTP-like code, part of the description in lower case, row.
_TEXTS = (
    (400, "can't parse entities", "markup_invalid"),
    (400, "can't find end of", "markup_invalid"),
    (400, "group chat was upgraded", "chat_upgraded"),
    (400, "chat not found", "chat_not_found"),
    (400, "chat_id is empty", "chat_not_found"),
    (400, "peer_id_invalid", "chat_not_found"),
    (400, "text is empty", "text_empty"),
    (400, "text must be non-empty", "text_empty"),
    (400, "reply markup is too long", "reply_markup_too_long"),
    (400, "is too long", "text_too_long"),
    (400, "message thread not found", "topic_not_found"),
    (400, "topic_closed", "topic_closed"),
    (400, "not enough rights", "rights_missing"),
    (400, "no rights to send", "rights_missing"),
    (400, "have no write access", "rights_missing"),
    (400, "need administrator rights", "rights_missing"),
    (400, "chat_write_forbidden", "rights_missing"),
    (400, "unsupported parse_mode", "parse_mode_unsupported"),
    (401, "", "token_refused"),
    (403, "blocked by the user", "bot_blocked"),
    (403, "user is deactivated", "user_deactivated"),
    (403, "was kicked", "bot_removed"),
    (403, "is not a member", "bot_removed"),
    (403, "chat was deleted", "chat_deleted"),
    (403, "can't initiate conversation", "conversation_not_started"),
    (403, "not enough rights", "rights_missing"),
    (403, "have no write access", "rights_missing"),
    (403, "chat_write_forbidden", "rights_missing"),
    (404, "", "method_not_found"),
    (421, "", "server_refuses_bot"),
    (429, "", "too_many_requests"),
)


def row_of(
    status: int, description: str, parameters: Mapping[str, object]
) -> str | None:
    """Return the code of the table's row for an answer, or None if there is none."""
    new_chat = parameters.get("migrate_to_chat_id")
    if isinstance(new_chat, int) and not isinstance(new_chat, bool):
        return "chat_migrated"
    said = description.lower().replace("\u2019", "'")
    rows = (row for code, part, row in _TEXTS if code == status and part in said)
    return next(rows, None)


def _owner(
    code: str,
    failure: FailureClass,
    title: StrOrPromise,
    cause: StrOrPromise,
    *remedy: StrOrPromise,
) -> KnownError:
    return KnownError(code, title, cause, remedy, Actor.OWNER, failure, _TEST)


def _author(
    code: str, title: StrOrPromise, cause: StrOrPromise, *remedy: StrOrPromise
) -> KnownError:
    return KnownError(
        code,
        title,
        cause,
        remedy,
        Actor.TEMPLATE_AUTHOR,
        FailureClass.PERMANENT,
        _("Send a notification with the template: it arrives."),
    )


TELEGRAM_ERRORS = error_table(
    KnownError(
        code="markup_invalid",
        title=_("Telegram cannot read the markup"),
        cause=_(
            "A reserved character is not escaped, or a mark has no partner. "
            "The message is sent once more as plain text."
        ),
        remedy=(
            _("Read the detail: it names the character or its place in bytes."),
            _("In MarkdownV2, write a backslash before . ! - ( ) and the like."),
            _("Or choose the content type text, which needs no escaping."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.RETRYABLE,
        verify=_("Save the template: its validation finds no error."),
    ),
    KnownError(
        code="chat_migrated",
        title=_("The group became a supergroup"),
        cause=_("Telegram gave the group a new number. It is stored by itself."),
        remedy=(
            _("Nothing, if the next attempt succeeds."),
            _("If not: enter the number from the detail as the chat."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_("The channel config shows a chat that begins with -100."),
    ),
    _owner(
        "chat_upgraded",
        FailureClass.CONFIG,
        _("The group became a supergroup"),
        _("Telegram gave the group a new number, but did not tell it."),
        _("Write a message in the group; getUpdates shows the new chat → id."),
        _("Enter it in the channel config."),
    ),
    _owner(
        "chat_not_found",
        FailureClass.CONFIG,
        _("Telegram does not find the chat"),
        _("The chat is wrong, or its person has never written to the bot."),
        _("Have the person open the bot and press Start, or add it to the group."),
        _("Compare the chat in the config with chat → id in getUpdates."),
        _("Groups have negative numbers; supergroups and channels begin with -100."),
    ),
    _owner(
        "topic_not_found",
        FailureClass.CONFIG,
        _("The topic does not exist"),
        _("The topic was deleted, or the number belongs to another group."),
        _("Open the topic and copy its link: the last number is the topic."),
        _("Enter it in the channel config, or leave the topic empty."),
    ),
    _owner(
        "topic_closed",
        FailureClass.CONFIG,
        _("The topic is closed"),
        _("Nobody but administrators can write into a closed topic."),
        _("Reopen the topic, or choose another one in the channel config."),
    ),
    _owner(
        "rights_missing",
        FailureClass.CONFIG,
        _("The bot may not write in this chat"),
        _("The group restricts who writes; in channels bots must be administrators."),
        _("Open the chat's administrators and add the bot."),
        _("Give it the right to post messages."),
    ),
    _owner(
        "token_refused",
        FailureClass.GONE,
        _("Telegram does not accept the bot token"),
        _("The token was revoked or mistyped, or the bot was deleted."),
        _("Ask @BotFather: /mybots → your bot → API Token."),
        _("Enter the token in the channel config."),
    ),
    _owner(
        "bot_blocked",
        FailureClass.GONE,
        _("The person has blocked the bot"),
        _("Telegram delivers nothing to somebody who blocked the bot."),
        _("Ask the person to unblock the bot and press Start."),
        _("Then switch the channel config on again."),
    ),
    _owner(
        "user_deactivated",
        FailureClass.GONE,
        _("The person's Telegram account is gone"),
        _("The account was deleted or deactivated."),
        _("Ask the person for another way to reach them."),
        _("Delete this channel config."),
    ),
    _owner(
        "bot_removed",
        FailureClass.GONE,
        _("The bot is no longer in the chat"),
        _("It was removed from the group or channel, or never added."),
        _("Add the bot to the chat again."),
        _("Then switch the channel config on again."),
    ),
    _owner(
        "chat_deleted",
        FailureClass.GONE,
        _("The group was deleted"),
        _("The group of this channel config does not exist any more."),
        _("Enter another chat, or delete the channel config."),
    ),
    _owner(
        "conversation_not_started",
        FailureClass.CONFIG,
        _("The person has never written to the bot"),
        _("A bot cannot write first: the person must start the conversation."),
        _("Send the person the link https://t.me/ with the bot's name."),
        _("Ask them to press Start."),
    ),
    _author(
        "text_empty",
        _("Telegram sees no text"),
        _("Only spaces or invisible characters are left after the markup is read."),
        _("Give the template a text for missing variables."),
    ),
    _author(
        "text_too_long",
        _("The text is too long for Telegram"),
        _("A message holds 4,096 characters after the markup is read."),
        _("Use the content type text, markdown or html: they are cut by themselves."),
        _("Or shorten the text."),
    ),
    _author(
        "reply_markup_too_long",
        _("The buttons are too large for Telegram"),
        _("The reply_markup in the JSON content is over Telegram's limit."),
        _("Use fewer buttons or shorter callback data."),
    ),
    _author(
        "parse_mode_unsupported",
        _("Telegram does not know this parse_mode"),
        _("The JSON content names a parse_mode other than MarkdownV2, HTML, Markdown."),
        _("Correct parse_mode in the template's JSON content."),
    ),
    KnownError(
        code="method_not_found",
        title=_("Telegram's server does not know the address"),
        cause=_("The bot token has a wrong form, or TELEGRAM_API_BASE is wrong."),
        remedy=(
            _("Enter the token again, as @BotFather shows it."),
            _("If every bot fails: check the setting TELEGRAM_API_BASE."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_TEST,
    ),
    KnownError(
        code="server_refuses_bot",
        title=_("The Bot API server does not serve this bot"),
        cause=_("HTTP 421: your own Bot API server filters bots by their token."),
        remedy=(
            _("Add the bot to the server's filter."),
            _("Or set TELEGRAM_API_BASE to https://api.telegram.org."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_TEST,
    ),
    KnownError(
        code="too_many_requests",
        title=_("Telegram's flood limit is reached"),
        cause=_("About 1 message a second a chat, 20 a minute a group, 30 a second."),
        remedy=(
            WAIT,
            _("If it happens often: send less, or join several messages into one."),
        ),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_("The next automatic retry succeeds; the log shows “sent”."),
        costs_try=False,
    ),
)
