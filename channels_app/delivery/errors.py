"""The error table of the delivery engine: what stops a delivery besides providers."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from channels_app.delivery.waiting_errors import WAITING_ERRORS
from channels_app.senders.contract import Actor, FailureClass, KnownError

_RESEND = _("Then resend the delivery: it gets its full number of tries again.")
_SEE_SENT = _("The resent delivery must reach the status “sent”.")

_ROWS = (
    KnownError(
        code="channel_not_configured",
        title=_("The user has no such channel"),
        cause=_(
            "The request named a channel for which this user has no channel config "
            "with this API client."
        ),
        remedy=(
            _("Add a channel config for the user, or leave the channel out."),
            _("Check that the user id is spelled as in the channel config."),
        ),
        actor=Actor.CALLER,
        failure=FailureClass.PERMANENT,
        verify=_("Send again: the result must no longer name this code."),
    ),
    KnownError(
        code="channel_disabled",
        title=_("The channel is switched off"),
        cause=_(
            "The channel config is not active, or the whole kind of channel is "
            "switched off in this system."
        ),
        remedy=(
            _("Read why the channel config is off, and mend that first."),
            _("Switch the channel config on, or the feature flag of its kind."),
            _RESEND,
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="template_content_missing",
        title=_("The template says nothing for this channel"),
        cause=_("The request named a channel for which the template has no content."),
        remedy=(
            _("Add content for this channel to the template, and send again."),
            _("Or leave the channel out of the request."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Send again: the result must no longer name this code."),
    ),
    KnownError(
        code="config_missing",
        title=_("The channel config was deleted"),
        cause=_(
            "The notification was accepted, but its channel config was deleted before "
            "it could be sent."
        ),
        remedy=(
            _("If the channel is still wanted, add its config again."),
            _RESEND,
        ),
        actor=Actor.OWNER,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="config_unreadable",
        title=_("The secrets of the channel config cannot be read"),
        cause=_(
            "They were encrypted with a key that is neither ENCRYPT_KEY nor in "
            "ENCRYPT_KEYS_OLD, or they are damaged."
        ),
        remedy=(
            _("Put the lost key into ENCRYPT_KEYS_OLD and restart."),
            _("If the key is gone for good, enter the secrets of the config again."),
            _RESEND,
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="sender_unknown",
        title=_("No sender for this kind of channel"),
        cause=_(
            "The delivery names a kind of channel that this version of the system "
            "does not have."
        ),
        remedy=(
            _("Check that all workers run the same version."),
            _("If the kind was removed, use a channel of another kind."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="build_failed",
        title=_("The message could not be made"),
        cause=_(
            "The sender failed while it turned config and message into a request. "
            "That is a fault of this system, not of the provider."
        ),
        remedy=(
            _("Look for the message id in the worker's log; the fault stands there."),
            _("Report it with the content type and the kind of channel."),
            _RESEND,
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="retries_exhausted",
        title=_("All tries are used up"),
        cause=_("Every try failed, and the retry schedule has no further one."),
        remedy=(
            _("Mend what the last try failed of; see the evidence."),
            _RESEND,
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="crashed",
        title=_("Workers died with this delivery"),
        cause=_(
            "Three times a worker process ended without a word while it worked on "
            "this delivery, so it was taken out before it does more harm."
        ),
        remedy=(
            _("Look into the workers' log and the system's log for memory or crashes."),
            _("Check the size of the message and of its variables."),
            _RESEND,
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="outcome_unknown",
        title=_("It may have arrived, nobody knows"),
        cause=_(
            "The request may have gone out, but no answer was recorded. The guarantee "
            "of the channel config decides whether it is sent again by itself or held "
            "for a person."
        ),
        remedy=(
            _("Look at the receiver whether the message arrived."),
            _("If the delivery is held and did not arrive, resend it."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_("The delivery must no longer have the status “may have arrived”."),
    ),
    KnownError(
        code="restored",
        title=_("It came back from a backup and is held"),
        cause=_(
            "It had not gone out when the backup was made. It may have gone out since, "
            "from where the backup was made, so nothing sends it again by itself."
        ),
        remedy=(
            _(
                "See what is held, and what sending it would do: manage.py replay --held"
            ),
            _("Release it with manage.py replay --held --yes, or resend single ones."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_("The delivery must no longer have the status “may have arrived”."),
    ),
    KnownError(
        code="expired",
        title=_("It was not sent in time"),
        cause=_("The time in expires_at had passed before it could be sent."),
        remedy=(
            _("If it is still of use, send it anew with a later expires_at."),
            _("If this happens often, see what is paused: manage.py sending status"),
        ),
        actor=Actor.CALLER,
        failure=FailureClass.PERMANENT,
        verify=_("The new delivery must reach the status “sent”."),
    ),
    KnownError(
        code="cancelled",
        title=_("It was cancelled"),
        cause=_(
            "Somebody cancelled the delivery: it is not tried again. If a try before "
            "that got no answer, it may have arrived all the same."
        ),
        remedy=(_("Nothing to do. If it is wanted after all, send it anew."),),
        actor=Actor.CALLER,
        failure=FailureClass.PERMANENT,
        verify=_("Its status stays “cancelled”."),
    ),
    KnownError(
        code="too_old",
        title=_("It was tried for too long"),
        cause=_("More than 24 hours have passed since the delivery was due."),
        remedy=(
            _("Mend what the last try failed of; see the evidence."),
            _("Then resend the delivery, if the news is still worth it."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
    KnownError(
        code="unrecognised",
        title=_("The failure is not in any table"),
        cause=_(
            "The provider, or a newer version of this system, named an error that this "
            "version does not know. The evidence holds its own words."
        ),
        remedy=(
            _("Read the answer in the evidence; look the error up at the provider."),
            _("Send a test message from the channel config, and compare its answer."),
            _RESEND,
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.PERMANENT,
        verify=_SEE_SENT,
    ),
)

ENGINE_ERRORS: Mapping[str, KnownError] = {
    **{row.code: row for row in _ROWS},
    **WAITING_ERRORS,
}
