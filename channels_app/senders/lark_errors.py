"""What Lark's custom bot answers, and what helps."""

from django.utils.translation import gettext_lazy as _

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.http_errors import error_table
from channels_app.senders.waiting_steps import WAIT

_TEST = _("Send a test message from the channel config: it arrives in the group.")

LARK_ERRORS = error_table(
    KnownError(
        code="9499",
        title=_("Lark calls the body malformed"),
        cause=_(
            "The body does not fit its msg_type, or it is too large. "
            "The webhook address is not the cause: a wrong one gives 19001."
        ),
        remedy=(
            _(
                "Check that a card stands under “card” and everything else under “content”."
            ),
            _("Check the JSON: quotes, commas, nesting."),
            _("Keep the whole body under 20 KB."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Save the template: its validation finds no error."),
    ),
    KnownError(
        code="9499_frequency",
        title=_("Lark received too many messages"),
        cause=_("Code 9499 with a text about frequency: the bot sends too often."),
        remedy=(
            WAIT,
            _("If it happens often: send less, or spread it over several bots."),
        ),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_("The next automatic retry succeeds; the log shows “sent”."),
        costs_try=False,
    ),
    KnownError(
        code="11232",
        title=_("Lark's rate limit is reached"),
        cause=_("A custom bot may send 5 messages a second and 100 a minute."),
        remedy=(
            WAIT,
            _("Avoid full and half hours, when everybody sends."),
            _("If it happens often: send less, or spread it over several bots."),
        ),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_("The next automatic retry succeeds; the log shows “sent”."),
        costs_try=False,
    ),
    KnownError(
        code="99991400",
        title=_("Lark's gateway limits the requests"),
        cause=_("Too many requests from this system in a short time."),
        remedy=(
            WAIT,
            _("If it happens often: lower this channel's rate."),
        ),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_("The next automatic retry succeeds; the log shows “sent”."),
        costs_try=False,
    ),
    KnownError(
        code="11246",
        title=_("Lark refused the card"),
        cause=_(
            "The card's JSON cannot be drawn: an element is unknown, misplaced or one "
            "too many. The message was sent once more as plain text."
        ),
        remedy=(
            _(
                "Read the inner code in the detail: 200621 the JSON cannot be parsed, "
                "200410 an element is not allowed there, 11310 too many elements."
            ),
            _("Open the card in Lark's card builder: it marks the wrong element."),
            _("Do not mix card versions: 2.0 needs “schema”, 1.0 must not have it."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Send a notification with the template: the card arrives."),
    ),
    KnownError(
        code="19001",
        title=_("Lark does not know this bot"),
        cause=_("The token in the webhook address is wrong, or the bot was removed."),
        remedy=(
            _("Look in the group's settings whether the custom bot is still there."),
            _("Add it again if not."),
            _("Copy its webhook address into the channel config."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.GONE,
        verify=_TEST,
    ),
    KnownError(
        code="19002",
        title=_("Lark misses a parameter"),
        cause=_("The body has no usable msg_type."),
        remedy=(
            _("Put “msg_type” at the top of the JSON content."),
            _("Use text, post, interactive, image or share_chat."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Save the template: its validation finds no error."),
    ),
    KnownError(
        code="19021",
        title=_("Lark does not accept the signature"),
        cause=_("The signing secret is wrong, or our clock is off by over an hour."),
        remedy=(
            _("Copy the secret from the bot's security settings again."),
            _("Check this machine's clock and its time synchronisation."),
            _("If signature verification is off in Lark, empty the secret here."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_TEST,
    ),
    KnownError(
        code="19022",
        title=_("Our IP address is not on the bot's allowlist"),
        cause=_("The bot's security settings allow only certain IP addresses."),
        remedy=(
            _("Find this system's outgoing IP address."),
            _("Add it to the allowlist in the bot's security settings."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_TEST,
    ),
    KnownError(
        code="19024",
        title=_("The bot's keyword is missing in the message"),
        cause=_("The bot's security settings ask for a keyword in every message."),
        remedy=(
            _("Look up the keywords in the bot's security settings."),
            _("Put one into the template's subject or content, or remove them there."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_TEST,
    ),
    KnownError(
        code="unknown_code",
        title=_("Lark answered with an unknown code"),
        cause=_("The code is in none of the lists we know; the detail quotes it."),
        remedy=(
            _("Look the code up in Lark's documentation for custom bots."),
            _("If it stays: show the detail to whoever runs this system."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_("The next automatic retry succeeds; the log shows “sent”."),
    ),
)
