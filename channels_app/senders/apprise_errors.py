"""What can go wrong with Apprise, which tells little, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.message_errors import MESSAGE_ERRORS
from channels_app.senders.waiting_steps import WAIT

_ARRIVES = _("Send a test message from the channel config: it arrives.")
_CHECK = _("Check the address: its token, its channel, its host.")

_ROWS = (
    KnownError(
        code="apprise_not_installed",
        title=_("Apprise is not installed"),
        cause=_("The channel needs the Apprise library, which is an optional part."),
        remedy=(
            _("Run: pip install -r requirements-apprise.txt"),
            _("Restart, then resend the failed deliveries."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_ARRIVES,
    ),
    KnownError(
        code="apprise_service_closed",
        title=_("This Apprise service is not open here"),
        cause=_(
            "The address begins with a service that APPRISE_SERVICES does not name."
        ),
        remedy=(
            _("Use a service that is open: the form of the channel config lists them."),
            _("Or add it to APPRISE_SERVICES and restart."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_ARRIVES,
    ),
    KnownError(
        code="apprise_url_invalid",
        title=_("Apprise cannot read the address"),
        cause=_("A part of the address is missing or has the wrong form."),
        remedy=(
            _(
                "Compare the address with the service's page at github.com/caronc/apprise."
            ),
            _("Enter it again in the channel config."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_ARRIVES,
    ),
    KnownError(
        code="apprise_refused",
        title=_("The service refuses the message"),
        cause=_("It answered with an HTTP status from 300 to 499."),
        remedy=(_("Read the detail: it is what Apprise wrote."), _CHECK),
        actor=Actor.OWNER,
        failure=FailureClass.PERMANENT,
        verify=_ARRIVES,
    ),
    KnownError(
        code="apprise_limited",
        title=_("Too many messages for the service"),
        cause=_("HTTP 429: the service limits how many messages it takes."),
        remedy=(WAIT,),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_ARRIVES,
        costs_try=False,
    ),
    KnownError(
        code="apprise_failed",
        title=_("The service is in trouble"),
        cause=_("It answered with an HTTP status that passes, such as 500 or 503."),
        remedy=(
            WAIT,
            _("If it stays: look at the service's status page."),
        ),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_ARRIVES,
    ),
    KnownError(
        code="apprise_unreachable",
        title=_("The service cannot be reached"),
        cause=_("There was no connection to it. Nothing of the message went out."),
        remedy=(WAIT, _CHECK),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_ARRIVES,
    ),
    KnownError(
        code="apprise_no_answer",
        title=_("Apprise failed and does not say where"),
        cause=_(
            "There was no answer to what went out. The message may have arrived: "
            "Apprise does not tell."
        ),
        remedy=(_("Read the detail: it is what Apprise wrote."), _CHECK),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_ARRIVES,
    ),
)

APPRISE_ERRORS: Mapping[str, KnownError] = MappingProxyType(
    {row.code: row for row in (*MESSAGE_ERRORS, *_ROWS)}
)
