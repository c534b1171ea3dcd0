"""What holds up a delivery that has not failed: each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from channels_app.senders.contract import Actor, FailureClass, KnownError

_GOES_ON = _("The delivery must leave the status “waiting”.")

_ROWS = (
    KnownError(
        code="sending_paused",
        title=_("All sending is paused"),
        cause=_("An operator switched sending off; deliveries wait and none is lost."),
        remedy=(
            _("Read the note at the flag “sending”: it says why."),
            _("Resume it in the admin, or with: manage.py sending resume"),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_GOES_ON,
        costs_try=False,
    ),
    KnownError(
        code="channel_kind_paused",
        title=_("This kind of channel is paused"),
        cause=_("An operator switched this kind of channel off; its deliveries wait."),
        remedy=(
            _("Read the note at the flag of the channel: it says why."),
            _("Resume it in the admin, or with: manage.py sending resume --channel …"),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_GOES_ON,
        costs_try=False,
    ),
    KnownError(
        code="config_paused",
        title=_("The channel config is paused"),
        cause=_("An operator paused this channel config; its deliveries wait."),
        remedy=(
            _("Resume the channel config in the admin, or with manage.py sending."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_GOES_ON,
        costs_try=False,
    ),
    KnownError(
        code="breaker_open",
        title=_("The receiver keeps failing and is left alone for a while"),
        cause=_(
            "The last sends to this channel config failed one after another. So that "
            "they do not use up their tries, deliveries wait; one probes now and then."
        ),
        remedy=(
            _("Look at the last failed delivery of this channel config."),
            _("Mend what it says; the next probe that arrives lets all others go on."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_GOES_ON,
        costs_try=False,
    ),
    KnownError(
        code="limit_reached",
        title=_("It waits for its turn"),
        cause=_(
            "The provider allows so many messages in a time, or asked for a pause. The "
            "delivery has its place in the queue and is sent at the time shown."
        ),
        remedy=(_("Nothing to do. If this happens often, send fewer messages there."),),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_GOES_ON,
        costs_try=False,
    ),
    KnownError(
        code="earlier_of_key",
        title=_("It waits for a message before it"),
        cause=_(
            "An earlier message with the same ordering key is not settled yet. Those of "
            "one key go out one after another, in the order of acceptance."
        ),
        remedy=(
            _("Look at the message named under waits_for: it says what it waits for."),
            _("Mend that, or cancel it: the next of its key then goes on by itself."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_GOES_ON,
        costs_try=False,
    ),
)

WAITING_ERRORS: Mapping[str, KnownError] = {row.code: row for row in _ROWS}
