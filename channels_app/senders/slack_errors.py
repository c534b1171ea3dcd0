"""What Slack answers, and what helps."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.senders.contract import Actor, FailureClass, KnownError
from channels_app.senders.http_errors import error_table
from channels_app.senders.waiting_steps import WAIT

# Slack's Web API has other words for the same; some gateways answer with them.
ALIASES = {
    "ratelimited": "rate_limited",
    "is_archived": "channel_is_archived",
    "no_service_id": "no_service",
    "internal_error": "rollup_error",
    "fatal_error": "rollup_error",
    "service_unavailable": "rollup_error",
    "request_timeout": "rollup_error",
    "msg_blocks_too_long": "msg_too_long",
    "invalid_blocks_format": "invalid_blocks",
    "restricted_action": "action_prohibited",
    "ekm_access_denied": "action_prohibited",
    "missing_scope": "action_prohibited",
    "not_in_channel": "channel_not_found",
    "invalid_auth": "invalid_token",
    "not_authed": "invalid_token",
    "account_inactive": "invalid_token",
    "token_revoked": "invalid_token",
    "token_expired": "invalid_token",
}


def _owner(
    code: str,
    failure: FailureClass,
    title: StrOrPromise,
    cause: StrOrPromise,
    *remedy: StrOrPromise,
) -> KnownError:
    verify = _("Send a test message from the channel config: it arrives in Slack.")
    return KnownError(code, title, cause, remedy, Actor.OWNER, failure, verify)


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
        _("The next automatic retry succeeds; the log shows “sent”."),
        costs_try=code != "rate_limited",
    )


SLACK_ERRORS = error_table(
    _author(
        "invalid_payload",
        _("Slack cannot read the message"),
        _("The JSON content is not a message Slack knows, or a value is not allowed."),
        _("Paste the blocks into Slack's Block Kit Builder: it marks the error."),
        _("Mend the template's content for Slack."),
    ),
    _author(
        "invalid_blocks",
        _("Slack refuses the blocks"),
        _("A block lacks a field, has a wrong type or is too long."),
        _("Paste the blocks into Slack's Block Kit Builder: it marks the error."),
        _("Mend the template's content for Slack."),
    ),
    _author(
        "no_text",
        _("Slack sees no text"),
        _("The message has neither text nor blocks."),
        _("Put “text” into the template's JSON content."),
    ),
    _author(
        "msg_too_long",
        _("The message is too long for Slack"),
        _("Slack takes 40,000 characters, 50 blocks and 3,000 characters a section."),
        _("Shorten the content or use fewer blocks."),
    ),
    _author(
        "too_many_attachments",
        _("The message has too many attachments"),
        _("Slack takes at most 100 attachments; 20 are readable."),
        _("Use fewer attachments, or blocks instead."),
    ),
    _owner(
        "user_not_found",
        FailureClass.CONFIG,
        _("Slack does not find the person"),
        _("The message is meant for somebody who is not in this workspace."),
        _("Correct the name in the template, or make a webhook for another channel."),
    ),
    _owner(
        "posting_to_general_channel_denied",
        FailureClass.CONFIG,
        _("The webhook may not write into #general"),
        _("The workspace lets only certain people write there."),
        _("Make the webhook for another channel, or ask a workspace administrator."),
    ),
    _owner(
        "action_prohibited",
        FailureClass.CONFIG,
        _("A workspace administrator has restricted this webhook"),
        _("The workspace's rules do not let this app write."),
        _("Ask a workspace administrator to allow the app."),
    ),
    _owner(
        "invalid_token",
        FailureClass.GONE,
        _("The webhook's token is no longer valid"),
        _("The webhook was revoked, or its address is mistyped."),
        _("Copy the address again from the app's page Incoming Webhooks."),
        _("If it is not there, make a new webhook."),
    ),
    _owner(
        "channel_not_found",
        FailureClass.CONFIG,
        _("Slack does not find the channel"),
        _("The webhook's channel was deleted, or is closed to the app."),
        _("Make a webhook for another channel and enter its address."),
    ),
    _owner(
        "channel_is_archived",
        FailureClass.GONE,
        _("The Slack channel is archived"),
        _("Nobody can write into an archived channel."),
        _("Unarchive the channel, or make a webhook for another one."),
    ),
    _owner(
        "no_service",
        FailureClass.GONE,
        _("The webhook does not exist any more"),
        _("It was deleted or switched off, or its address is mistyped."),
        _("Make a new webhook and enter its address."),
    ),
    _owner(
        "no_active_hooks",
        FailureClass.GONE,
        _("The webhook is switched off"),
        _("The app was removed from the workspace, or its webhooks were switched off."),
        _("Install the app again and make a new webhook."),
    ),
    _owner(
        "no_team",
        FailureClass.GONE,
        _("The Slack workspace does not exist"),
        _("The workspace in the address is missing or mistyped."),
        _("Copy the address again from the app's page Incoming Webhooks."),
    ),
    _owner(
        "team_disabled",
        FailureClass.CONFIG,
        _("The Slack workspace is switched off"),
        _("The workspace was suspended or deleted."),
        _("Ask the workspace's owner, or make a webhook in another workspace."),
    ),
    _later(
        "rollup_error",
        Actor.PROVIDER,
        _("Slack failed"),
        _("An error inside Slack."),
        WAIT,
        _("If it stays: look at status.slack.com."),
    ),
    _later(
        "rate_limited",
        Actor.PROVIDER,
        _("Slack's rate limit is reached"),
        _("A webhook may send about one message a second."),
        WAIT,
        _("If it happens often: send less, or join several messages into one."),
    ),
    _later(
        "unknown_code",
        Actor.OPERATOR,
        _("Slack answered with an unknown word"),
        _("The answer is in none of the lists we know; the detail quotes it."),
        _("Look the word up in Slack's documentation for incoming webhooks."),
        _("If it stays: show the detail to whoever runs this system."),
    ),
)
