"""What mail servers answer, by code, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.message_errors import MESSAGE_ERRORS
from channels_app.senders.waiting_steps import WAIT

_ARRIVES = _("Send a test message from the channel config: the mail arrives.")
_RECOVERS = _("The next automatic retry succeeds; the log shows “sent”.")


def _operator(
    code: str, title: StrOrPromise, cause: StrOrPromise, *remedy: StrOrPromise
) -> KnownError:
    return KnownError(
        code, title, cause, remedy, Actor.OPERATOR, FailureClass.CONFIG, _ARRIVES
    )


def _refused(
    code: str,
    actor: Actor,
    title: StrOrPromise,
    cause: StrOrPromise,
    *remedy: StrOrPromise,
) -> KnownError:
    return KnownError(
        code, title, cause, remedy, actor, FailureClass.PERMANENT, _ARRIVES
    )


def _later(
    code: str,
    actor: Actor,
    title: StrOrPromise,
    cause: StrOrPromise,
    *remedy: StrOrPromise,
) -> KnownError:
    return KnownError(
        code,
        title,
        cause,
        remedy,
        actor,
        FailureClass.RETRYABLE,
        _RECOVERS,
        costs_try=code != "email_limited",
    )


_CHECK_SETTINGS = _("Check EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS and EMAIL_USE_SSL.")
_RESTART = _("Restart, then resend the failed deliveries.")

_ROWS = (
    _operator(
        "email_not_configured",
        _("No mail server is set"),
        _("EMAIL_HOST is empty, or there is no sender address to send from."),
        _("Set EMAIL_HOST, its user and password, and DEFAULT_FROM_EMAIL."),
        _RESTART,
    ),
    _operator(
        "email_login_refused",
        _("The mail server refuses the login"),
        _("SMTP 530, 534, 535 or 538: user name or password is wrong or missing."),
        _("Check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD; many want an app password."),
        _("Set EMAIL_USE_TLS or EMAIL_USE_SSL if the server asks for encryption."),
        _RESTART,
    ),
    _operator(
        "email_sender_refused",
        _("The mail server refuses the sender address"),
        _("This login may not send from that address."),
        _("Verify the address with the mail provider, or change DEFAULT_FROM_EMAIL."),
        _("If the channel config names a sender of its own, correct it there."),
    ),
    _operator(
        "email_protocol",
        _("The mail server does not take the command"),
        _("SMTP 500 to 504, or a feature is missing, such as STARTTLS or a login."),
        _CHECK_SETTINGS,
        _RESTART,
    ),
    _refused(
        "email_recipient_refused",
        Actor.OWNER,
        _("The mail server refuses the recipient"),
        _("The mailbox does not exist, or takes no mail from this sender."),
        _("Check the addresses in the channel config: the detail names them."),
        _("If they are right, ask their mail administrator to let our mail in."),
    ),
    _refused(
        "email_content_refused",
        Actor.TEMPLATE_AUTHOR,
        _("The mail server refuses the mail"),
        _("SMTP 550 to 554 after the content: it looks like spam or breaks a rule."),
        _("Read the detail; check the links and the wording."),
        _("Ask the operator whether SPF, DKIM and DMARC fit the sender's domain."),
    ),
    _refused(
        "email_too_large",
        Actor.TEMPLATE_AUTHOR,
        _("The mail is too large for the mail server"),
        _("SMTP 552: it is over the size that the server takes."),
        _("Shorten the content, and send a link to the details."),
    ),
    _refused(
        "email_subject_broken",
        Actor.CALLER,
        _("The subject has a line break"),
        _("A subject is one line: a line break in it could forge other headers."),
        _("Take the line break out of the subject, or out of the variable in it."),
    ),
    _later(
        "email_limited",
        Actor.PROVIDER,
        _("The mail server takes no more for now"),
        _("SMTP 421: it is overloaded, restarting, or limits how much it takes."),
        WAIT,
        _("If it happens often: send less, or ask the provider for a higher limit."),
    ),
    _later(
        "email_try_later",
        Actor.PROVIDER,
        _("The mail server wants it later"),
        _("SMTP 450 to 452: greylisting, a full mailbox, or a passing fault."),
        WAIT,
        _("If it stays: the detail says which address or what is short."),
    ),
    _later(
        "email_unreachable",
        Actor.OPERATOR,
        _("The mail server cannot be reached"),
        _("There was no connection, or it broke before the mail went out."),
        _CHECK_SETTINGS,
        _("Check that this machine may reach it: many networks block port 25."),
    ),
    _later(
        "email_tls_failed",
        Actor.OPERATOR,
        _("No secure connection to the mail server"),
        _("Its certificate is not valid for that name, or the port is another one."),
        _("Use EMAIL_USE_TLS with port 587 and EMAIL_USE_SSL with port 465."),
        _("Write EMAIL_HOST as the certificate names it."),
    ),
    _later(
        "email_answer_lost",
        Actor.OPERATOR,
        _("The mail went out, but the answer is missing"),
        _("The connection broke after the content. The mail may have arrived."),
        _("Look into the mail server's log for the Message-ID."),
        _("A repeated mail has the same Message-ID: most mailboxes show it once."),
    ),
)

EMAIL_ERRORS: Mapping[str, KnownError] = MappingProxyType(
    {row.code: row for row in (*MESSAGE_ERRORS, *_ROWS)}
)
