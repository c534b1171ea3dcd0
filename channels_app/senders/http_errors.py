"""What an HTTP status means for a delivery when the body does not say more."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.message_errors import MESSAGE_ERRORS
from channels_app.senders.waiting_steps import WAIT

_ARRIVES = _("Send a test message: it arrives.")
_RECOVERS = _("The next automatic retry succeeds; the log shows “sent”.")


def _busy(
    code: str, title: StrOrPromise, cause: StrOrPromise, *more: StrOrPromise
) -> KnownError:
    return KnownError(
        code=code,
        title=title,
        cause=cause,
        remedy=(WAIT, *more),
        actor=Actor.PROVIDER,
        failure=FailureClass.RETRYABLE,
        verify=_RECOVERS,
        costs_try=code != "http_429",
    )


def _config(
    code: str, title: StrOrPromise, cause: StrOrPromise, *remedy: StrOrPromise
) -> KnownError:
    return KnownError(
        code, title, cause, remedy, Actor.OWNER, FailureClass.CONFIG, _ARRIVES
    )


def _refused(
    code: str, title: StrOrPromise, cause: StrOrPromise, *remedy: StrOrPromise
) -> KnownError:
    return KnownError(
        code,
        title,
        cause,
        remedy,
        Actor.TEMPLATE_AUTHOR,
        FailureClass.PERMANENT,
        _ARRIVES,
    )


_BUSY = (
    _busy(
        "answer_unreadable",
        _("The answer makes no sense"),
        _("The status says success, but the body is not what the provider sends."),
        _("If it stays: look for a proxy or login page between us and the provider."),
    ),
    _busy(
        "http_408",
        _("The receiver waited too long for the request"),
        _("HTTP 408: the request did not arrive whole in time."),
        _("If it stays: check the network between us and the receiver."),
    ),
    _busy(
        "http_409",
        _("The receiver reports a conflict"),
        _("HTTP 409: it may still be working on the same message."),
        _("If it stays: ask the receiver's owner what conflicts."),
    ),
    _busy(
        "http_425",
        _("The receiver is not ready for the request"),
        _("HTTP 425: it refuses early data."),
    ),
    _busy(
        "http_429",
        _("Too many messages"),
        _("HTTP 429: the receiver limits how many messages it takes."),
        _("If it happens often: send less, or lower this channel's rate."),
    ),
    _busy(
        "http_500",
        _("The receiver failed"),
        _("HTTP 500: an error inside the receiver."),
        _("If it stays: show the receiver's owner the time and the detail."),
    ),
    _busy(
        "http_502",
        _("The receiver's gateway got no valid answer"),
        _("HTTP 502: the program behind the gateway is down or restarting."),
        _("If it stays: ask the receiver's owner to look at it."),
    ),
    _busy(
        "http_503",
        _("The receiver is unavailable"),
        _("HTTP 503: it is overloaded or in maintenance."),
        _("If it stays: look at the provider's status page."),
    ),
    _busy(
        "http_504",
        _("The receiver's gateway timed out"),
        _("HTTP 504: the program behind the gateway was too slow."),
        _("If it stays: the message may have arrived; ask the receiver's owner."),
    ),
    _busy(
        "http_5xx",
        _("The receiver is in trouble"),
        _("An HTTP status from 500 to 599."),
        _("If it stays: show the receiver's owner the detail."),
    ),
    _busy(
        "http_other",
        _("The answer has an unusual HTTP status"),
        _("The status is none that a receiver should answer with."),
        _("If it stays: check that the address belongs to the right program."),
    ),
)

_CONFIG = (
    _config(
        "http_3xx",
        _("The address has moved"),
        _("The receiver redirects; redirects are not followed, for safety."),
        _("Open the address with curl -I and read the Location header."),
        _("Enter that final address in the channel config."),
    ),
    _config(
        "http_401",
        _("The receiver does not accept our credentials"),
        _("HTTP 401: a token, key or header is missing or wrong."),
        _("Get the credentials from the receiver's owner."),
        _("Enter them again in the channel config."),
    ),
    _config(
        "http_403",
        _("The receiver forbids the message"),
        _("HTTP 403: the credentials lack a right, or our address is not allowed."),
        _("Ask the receiver's owner for the right."),
        _("Have our outgoing IP address put on the receiver's allowlist."),
    ),
    _config(
        "http_404",
        _("There is nothing at this address"),
        _("HTTP 404: the address is mistyped or was deleted."),
        _("Copy the address again from where it was made."),
        _("Enter it in the channel config."),
    ),
    _config(
        "http_405",
        _("The receiver does not take this HTTP method"),
        _("HTTP 405: the address is for another method, or another address is meant."),
        _("Ask the receiver's owner for address and method."),
        _("Correct them in the channel config."),
    ),
    KnownError(
        code="http_410",
        title=_("The receiver is gone for good"),
        cause=_("HTTP 410: its owner removed the address and wants no more messages."),
        remedy=(
            _("Make a new address at the receiver and enter it."),
            _("Or delete the channel config."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.GONE,
        verify=_ARRIVES,
    ),
    _config(
        "http_501",
        _("The receiver cannot do this"),
        _("HTTP 501: it does not know the HTTP method."),
        _("Choose another method in the channel config."),
    ),
    _config(
        "http_505",
        _("The receiver does not speak our HTTP version"),
        _("HTTP 505: it refuses HTTP/1.1."),
        _("Put a current web server or proxy in front of the receiver."),
    ),
)

_REFUSED = (
    _refused(
        "http_400",
        _("The receiver calls the message malformed"),
        _("HTTP 400: the body is not what it expects."),
        _("Read the detail: most receivers name the field."),
        _("Mend the template's content for this channel."),
    ),
    _refused(
        "http_413",
        _("The message is too large for the receiver"),
        _("HTTP 413: the body is over its limit."),
        _("Shorten the content."),
    ),
    _refused(
        "http_415",
        _("The receiver does not take this kind of content"),
        _("HTTP 415: it expects another Content-Type."),
        _("Set the Content-Type it expects in the channel config's headers."),
    ),
    _refused(
        "http_422",
        _("The receiver cannot use the message"),
        _("HTTP 422: the body is well formed, but a value in it is wrong."),
        _("Read the detail: most receivers name the field."),
        _("Mend the template's content for this channel."),
    ),
    _refused(
        "http_4xx",
        _("The receiver refused the message"),
        _("An HTTP status from 400 to 499: the same message is refused again."),
        _("Read the detail."),
        _("Correct the address in the channel config, or the template's content."),
    ),
)


def error_table(*rows: KnownError) -> Mapping[str, KnownError]:
    """Return a sender's table: what every sender can meet, and its own rows."""
    shared = (*MESSAGE_ERRORS, *_BUSY, *_CONFIG, *_REFUSED)
    return MappingProxyType({row.code: row for row in (*shared, *rows)})
