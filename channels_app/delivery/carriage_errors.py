"""The error table of the way out to the network: cause and remedy of each failure."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.waiting_steps import GUARANTEE_DECIDES, SENT_LATER

_SEND_TEST = _("Send a test message from the channel config; it must be delivered.")

_ROWS = (
    KnownError(
        code="invalid_url",
        title=_("The URL cannot be used"),
        cause=_("The URL is not a complete http or https URL in its plain form."),
        remedy=(
            _("Copy the URL again from where the provider shows it."),
            _("Remove user names, spaces, backslashes and unusual ports from it."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="invalid_request",
        title=_("The request cannot be put on the wire"),
        cause=_(
            "A header or the method contains characters that HTTP forbids, or a header "
            "that the connection sets itself, such as Host or Content-Length."
        ),
        remedy=(_("Open the channel config and correct its headers and method."),),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="address_refused",
        title=_("The address is not allowed"),
        cause=_(
            "The host leads to a private, local or reserved address. Such addresses are "
            "closed, so that nobody can reach internal services through this system."
        ),
        remedy=(
            _("Use a URL whose host has a public address."),
            _(
                "If the receiver is meant to be internal, add its network to "
                "OUTBOUND_ALLOWED_NETWORKS and restart."
            ),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.CONFIG,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="dns_failed",
        title=_("The host name was not found"),
        cause=_("No name server gave an address for the host in time."),
        remedy=(
            _("Check the host name in the URL for a spelling mistake."),
            _("If it is right, check this machine's name servers."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="connection_refused",
        title=_("The receiver refused the connection"),
        cause=_("Nothing listens on that address and port, or a firewall rejects it."),
        remedy=(
            _("Check that the receiver is running."),
            _("Check the port in the URL, and the firewalls in between."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="connect_timeout",
        title=_("No connection in time"),
        cause=_("The receiver did not accept a connection within the time limit."),
        remedy=(
            _("Check that the receiver is running and not overloaded."),
            _("Check that this machine may reach it: firewalls drop silently."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="connection_failed",
        title=_("The connection could not be made"),
        cause=_("The network between this machine and the receiver does not work."),
        remedy=(
            _("Check that this machine can reach other receivers."),
            _("Check routes and firewalls to this one."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="tls_failed",
        title=_("No secure connection"),
        cause=_(
            "The receiver's certificate is expired, self-signed or for another host, "
            "or the two sides agree on no protocol."
        ),
        remedy=(
            _("Check the receiver's certificate: its dates, its names, its issuer."),
            _("Check this machine's clock."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="withdrawn",
        title=_("Stopped just before sending"),
        cause=_(
            "The delivery was cancelled, expired or paused, its channel config was "
            "changed, or its time was up, before the first byte went out."
        ),
        remedy=(SENT_LATER,),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
    ),
    KnownError(
        code="carrier_stopped",
        title=_("The worker stopped"),
        cause=_("The worker was stopped while the request was under way."),
        remedy=(GUARANTEE_DECIDES,),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
    ),
    KnownError(
        code="response_timeout",
        title=_("No complete answer in time"),
        cause=_(
            "The request went out, but the receiver's answer did not end within the "
            "time limit. The message may have arrived."
        ),
        remedy=(
            _("Check with the receiver whether the message arrived."),
            _("Let the receiver answer first and do its work afterwards."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="connection_reset",
        title=_("The connection broke before the answer"),
        cause=_(
            "The receiver, or something in between, closed the connection after the "
            "request went out. The message may have arrived."
        ),
        remedy=(
            _("Check with the receiver whether the message arrived."),
            _("Look into the receiver's log for a crash or restart at that time."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="response_unreadable",
        title=_("The answer is not HTTP"),
        cause=_(
            "The receiver answered with something that is not HTTP, or with too many "
            "headers. The message may have arrived."
        ),
        remedy=(
            _("Check that the URL leads to a web server and the right port."),
            _("Check with the receiver whether the message arrived."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
    KnownError(
        code="send_broke",
        title=_("The sender broke down while sending"),
        cause=_(
            "An error that nobody expected ended the send. The message may have arrived."
        ),
        remedy=(
            _("Check with the receiver whether the message arrived."),
            _("Look into the worker's log for the error at that time, and report it."),
        ),
        actor=Actor.OPERATOR,
        failure=FailureClass.RETRYABLE,
        verify=_SEND_TEST,
    ),
)

CARRIAGE_ERRORS: Mapping[str, KnownError] = {row.code: row for row in _ROWS}
