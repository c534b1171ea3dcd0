"""What the page of a delivery calls things."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.models import NotificationLog, Status
from channels_app.senders.contract import Actor
from channels_app.services.explanations import Severity

STATE_SENTENCES: Mapping[Status, StrOrPromise] = {
    Status.PENDING: _("It waits for its turn."),
    Status.SENDING: _("It is on its way to the provider."),
    Status.RETRYING: _("The last try did not succeed; it will be tried again."),
    Status.SENT: _("The provider accepted it."),
    Status.FAILED: _("It was not delivered, and it is not tried again by itself."),
    Status.CANCELLED: _("It was cancelled: it is not tried again."),
    Status.EXPIRED: _("It was not sent in time, and now it is too late."),
    Status.UNKNOWN: _(
        "It may have arrived: no answer came back. Sending it again is your decision."
    ),
}

SEVERITIES: Mapping[Severity, StrOrPromise] = {
    Severity.CRITICAL: _("Needs action"),
    Severity.WARNING: _("Needs attention"),
    Severity.INFO: _("For information"),
}

ACTORS: Mapping[str, StrOrPromise] = {
    Actor.CALLER: _("The service that sent the request"),
    Actor.OWNER: _("The owner of the channel"),
    Actor.OPERATOR: _("The operator of this system"),
    Actor.TEMPLATE_AUTHOR: _("The author of the template"),
    Actor.PROVIDER: _("The provider; nobody here can mend it"),
}

EVIDENCE: Mapping[str, StrOrPromise] = {
    "status": _("Status"),
    "error_code": _("Error code"),
    "error": _("Error"),
    "underlying_error": _("Underlying error"),
    "attempts": _("Tries"),
    "accepted_at": _("Accepted"),
    "settled_at": _("Settled"),
    "last_try_at": _("Last try"),
    "last_error_code": _("Last error code"),
    "last_error": _("Last error"),
    "http_status": _("HTTP status"),
    "latency_ms": _("Took (ms)"),
    "answer": _("Answer"),
    "retry_after_seconds": _("Wait asked for (s)"),
    "next_try_at": _("Next try"),
    "expires_at": _("Expires"),
    "config_is_off_because": _("Why the channel config is off"),
}


def template_of(log: NotificationLog) -> str:
    """Name the template that a text was rendered from, with its version; or nothing."""
    if log.template_version is None:
        return log.template_key
    return f"{log.template_key} · v{log.template_version}"
