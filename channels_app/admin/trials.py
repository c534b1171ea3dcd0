"""Test messages from the admin: sent, logged, and watched on the delivery's page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.models import NotificationLog, Status, UserConfig
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.trials import send_test

MOST_AT_ONCE = 20
RELOAD_SECONDS = 2
# A test that takes longer waits for something; its page then says for what.
RELOADED_FOR = timedelta(minutes=1)


def run_trial(
    model_admin: ModelAdmin[UserConfig], request: HttpRequest, config: UserConfig
) -> HttpResponse:
    """Send a test message, and go where one sees what becomes of it."""
    log = _sent(model_admin, request, config)
    if log is None:
        name, shown = "userconfig", config.pk
    else:
        name, shown = "notificationlog", log.pk
        messages.success(request, _("The test message is queued."))
    page = reverse(f"admin:channels_app_{name}_change", args=[shown])
    return HttpResponseRedirect(page)


def run_trials(
    model_admin: ModelAdmin[UserConfig],
    request: HttpRequest,
    configs: Iterable[UserConfig],
) -> HttpResponse | None:
    """Send a test message over each, or say that these are too many."""
    chosen = list(configs)
    if len(chosen) == 1:
        return run_trial(model_admin, request, chosen[0])
    if len(chosen) > MOST_AT_ONCE:
        too_many = _("Choose at most %(most)d channel configs at once.")
        messages.error(request, too_many % {"most": MOST_AT_ONCE})
        return None
    sent = [_sent(model_admin, request, config) for config in chosen]
    count = len([log for log in sent if log])
    if not count:
        return None
    queued = ngettext(
        "%(count)d test message is queued.",
        "%(count)d test messages are queued.",
        count,
    )
    messages.success(request, queued % {"count": count})
    return HttpResponseRedirect(
        reverse("admin:channels_app_notificationlog_changelist")
    )


def _sent(
    model_admin: ModelAdmin[UserConfig], request: HttpRequest, config: UserConfig
) -> NotificationLog | None:
    """Return the delivery; None, with the reason said, when it was refused."""
    try:
        log = send_test(config=config, by=request.user.get_username())
    except RequestRefusedError as error:
        messages.error(request, f"{config}: {error.message} {error.hint}")
        return None
    model_admin.log_change(request, config, _("Test message"))
    return log


def is_watched(log: NotificationLog) -> bool:
    """Say whether a delivery's page reloads by itself: a test still on its way."""
    is_under_way = log.status in {Status.PENDING, Status.SENDING}
    return log.is_test and is_under_way and now() - log.created_at < RELOADED_FOR
