"""Test messages: one real delivery over one channel config, marked as a test."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

from channels_app.delivery.at_once import deliver_at_once
from channels_app.delivery.claims import Claim, claim_these
from channels_app.delivery.destinations import opened
from channels_app.delivery.instance import make_ours
from channels_app.models import NotificationLog, Priority, UserConfig
from channels_app.models.ids import new_message_id
from channels_app.models.sql import one_writer
from channels_app.selectors.switches import held_kinds, is_on
from channels_app.senders.registry import sender_for
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest
from channels_app.services.sending import accept_notification
from channels_app.services.steps import Step, steps_of
from channels_app.tasks.jobs import new_carrier, worker_name
from templates_app.formats.compiled import RenderedMessage
from templates_app.formats.contract import Options
from templates_app.refusals import TemplateNotFound
from templates_app.services.draft_previews import render_draft
from templates_app.services.publishing import draft_named


def send_test(*, config: UserConfig, by: str) -> NotificationLog:
    """Queue a test message in the present language; `by` is who sends it.

    Raises RequestRefusedError: CONFLICT when it would not leave now, and what
    accept_notification raises.
    """
    _refuse_what_would_wait(config)
    return _sent(config, _request(config, by))


@dataclass(frozen=True)
class TrialRun:
    """A test that has ended: its delivery in the log, and the steps that it took."""

    log: NotificationLog
    steps: tuple[Step, ...]


def run_template_test(*, config: UserConfig, template_key: str, by: str) -> TrialRun:
    """Send at once what a template's draft (or its live version) says with its samples.

    Waits for the provider's word. The delivery has one try, in the log like any other.
    Raises RequestRefusedError: CONFLICT when it may not leave now, MISSING_CONTENT
    when there is nothing to send, TEMPLATE_RENDER_ERROR, TEMPLATE_NOT_FOUND.
    """
    make_ours()
    _refuse_what_would_wait(config)
    message = rendered_draft(template_key, config.channel_type, config.public_data)
    request = NotificationRequest(
        user_id=config.user_id,
        channels=(config.channel_type,),
        subject=message.subject,
        content=message.content,
        content_type=message.content_type,
        metadata={"template_test": template_key, "by": by},
        priority=Priority.HIGH,
    )
    log, claim = _claimed(config, request)
    destination = opened(config)
    with new_carrier() as carrier:
        trip = deliver_at_once(claim, destination, carrier)
    log.refresh_from_db()
    steps = steps_of(sender_for(config.channel_type), trip, destination.secrets)
    return TrialRun(log, steps)


def rendered_draft(key: str, kind: str, options: Options) -> RenderedMessage:
    """Render what a draft says on a channel. Raises as `run_template_test` does."""
    try:
        found = render_draft(draft_named(key), kind, options)
    except TemplateNotFound as error:
        raise RequestRefusedError(
            "TEMPLATE_NOT_FOUND", details={"template_key": key}
        ) from error
    if found.problem is not None:
        raise RequestRefusedError(
            "TEMPLATE_RENDER_ERROR", found.problem.message, hint=found.problem.remedy
        )
    if found.message is None:
        raise RequestRefusedError(
            "MISSING_CONTENT",
            _("The template says nothing on this channel."),
            hint=_("Write a content for it, keep the draft, and try again."),
        )
    return found.message


def _claimed(
    config: UserConfig, request: NotificationRequest
) -> tuple[NotificationLog, Claim]:
    """Store a delivery as ours from its first moment: no pump takes it as well."""
    with one_writer(), transaction.atomic():
        log = _sent(config, request)
        [claim] = claim_these([log.pk], worker_name())
    return log, claim


def _sent(config: UserConfig, request: NotificationRequest) -> NotificationLog:
    accepted = accept_notification(
        client=config.client,
        request=request,
        request_id=new_message_id(),
        is_test=True,
    )
    [result] = accepted.body["results"]
    return NotificationLog.objects.get(pk=result["logId"])


def _request(config: UserConfig, by: str) -> NotificationRequest:
    content = _("%(by)s sent this test message on %(time)s. The channel works.")
    time = date_format(localtime(now()), "Y-m-d H:i:s T")
    return NotificationRequest(
        user_id=config.user_id,
        channels=(config.channel_type,),
        subject=_("Test message"),
        content=content % {"by": by, "time": time},
        priority=Priority.HIGH,
    )


def _refuse_what_would_wait(config: UserConfig) -> None:
    if not config.is_active:
        raise RequestRefusedError(
            "CONFLICT",
            _("This channel config is off, so nothing is sent through it."),
            hint=_("Switch it on and save it; then send the test message."),
        )
    if config.is_paused:
        raise RequestRefusedError(
            "CONFLICT",
            _("This channel config is paused; a test message would only wait."),
            hint=_("Resume it and save it; then send the test message."),
        )
    flag = _flag_that_is_off(config)
    if flag:
        raise RequestRefusedError(
            "CONFLICT",
            _("Sending is paused; a test message would only wait."),
            hint=_("Switch the flag “%(flag)s” on first.") % {"flag": flag},
        )


def _flag_that_is_off(config: UserConfig) -> str:
    if not is_on("sending"):
        return "sending"
    return config.channel_type if config.channel_type in held_kinds() else ""
