"""Sending again and cancelling, from the list or from one delivery's page.

The first POST shows what would happen; the second, confirmed one does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from channels_app.models import WAITING, NotificationLog, Status
from channels_app.models.ids import new_message_id
from channels_app.services.deliveries import (
    cancel_delivery,
    resend_delivery,
    settle_held,
)
from channels_app.services.refusals import RequestRefusedError
from templates_app.admin.pages import model_page

MOST_AT_ONCE = 500
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Move:
    """Something that a person may do with deliveries in certain states."""

    name: str
    label: StrOrPromise
    question: StrOrPromise
    consequence: StrOrPromise
    states: frozenset[str]
    run: Callable[[NotificationLog], NotificationLog]
    done: Callable[[int], str]


@dataclass(frozen=True)
class Result:
    """What was moved, as it is now, and the reasons of what was not."""

    moved: list[NotificationLog]
    refusals: list[str]


def _resend(log: NotificationLog) -> NotificationLog:
    return resend_delivery(log=log, request_id=new_message_id())


def _cancel(log: NotificationLog) -> NotificationLog:
    return cancel_delivery(log=log)


def _resent(count: int) -> str:
    return ngettext(
        "%(count)d delivery is queued to be sent again.",
        "%(count)d deliveries are queued to be sent again.",
        count,
    ) % {"count": count}


def _cancelled(count: int) -> str:
    return ngettext(
        "%(count)d delivery is cancelled.",
        "%(count)d deliveries are cancelled.",
        count,
    ) % {"count": count}


def _settled(count: int) -> str:
    return ngettext(
        "%(count)d delivery is settled.", "%(count)d deliveries are settled.", count
    ) % {"count": count}


RESEND = Move(
    name="resend",
    label=_("Send again"),
    question=_("Send these again?"),
    consequence=_(
        "A failed or held delivery starts anew with all its tries. One that was sent "
        "is sent once more as a new delivery: its receiver gets it twice."
    ),
    states=frozenset({Status.FAILED, Status.UNKNOWN, Status.SENT}),
    run=_resend,
    done=_resent,
)
CANCEL = Move(
    name="cancel",
    label=_("Cancel"),
    question=_("Cancel these?"),
    consequence=_(
        "A waiting delivery is never sent. One that is on its way may still arrive."
    ),
    states=frozenset({*WAITING, Status.SENDING}),
    run=_cancel,
    done=_cancelled,
)


ARRIVED = Move(
    name="arrived",
    label=_("It arrived"),
    question=_("Did these arrive?"),
    consequence=_(
        "They count as sent. Look at the receiver first: nobody else can know."
    ),
    states=frozenset({Status.UNKNOWN}),
    run=lambda log: settle_held(log=log, has_arrived=True),
    done=_settled,
)
LOST = Move(
    name="lost",
    label=_("It did not arrive"),
    question=_("Did these not arrive?"),
    consequence=_("They count as failed, and can be sent again."),
    states=frozenset({Status.UNKNOWN}),
    run=lambda log: settle_held(log=log, has_arrived=False),
    done=_settled,
)
MOVES = (RESEND, CANCEL, ARRIVED, LOST)


def run_move(
    model_admin: ModelAdmin[NotificationLog],
    request: HttpRequest,
    chosen: QuerySet[NotificationLog],
    move: Move,
) -> HttpResponse | None:
    """Ask for confirmation, or do it and say how many it was."""
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(ids) > MOST_AT_ONCE:
        too_many = _("Choose at most %(most)d deliveries at once.")
        messages.error(request, too_many % {"most": MOST_AT_ONCE})
        return None
    logs = list(NotificationLog.objects.filter(pk__in=ids).order_by("-pk"))
    if request.POST.get(CONFIRMED) != "yes":
        return _confirmation(model_admin, request, logs, move)
    result = _run(logs, move)
    _say(request, result, move)
    return HttpResponseRedirect(_next_page(ids, result))


def _confirmation(
    model_admin: ModelAdmin[NotificationLog],
    request: HttpRequest,
    logs: Sequence[NotificationLog],
    move: Move,
) -> HttpResponse:
    possible = [log for log in logs if log.status in move.states]
    return model_page(
        model_admin,
        request,
        "confirm.html",
        move.label,
        move=move,
        possible=possible,
        impossible=[log for log in logs if log.status not in move.states],
        checkbox_name=ACTION_CHECKBOX_NAME,
        back=_next_page([log.pk for log in logs], Result([], [])),
    )


def _run(logs: Sequence[NotificationLog], move: Move) -> Result:
    result = Result([], [])
    for log in logs:
        try:
            result.moved.append(move.run(log))
        except RequestRefusedError as error:
            result.refusals.append(str(error.message))
    return result


def _say(request: HttpRequest, result: Result, move: Move) -> None:
    if result.moved:
        messages.success(request, move.done(len(result.moved)))
        LogEntry.objects.log_actions(
            user_id=str(request.user.pk),
            queryset=result.moved,
            action_flag=CHANGE,
            change_message=str(move.label),
        )
    for reason in dict.fromkeys(result.refusals):
        count = result.refusals.count(reason)
        messages.warning(request, f"{reason} ({count})" if count > 1 else reason)


def _next_page(ids: Sequence[int], result: Result) -> str:
    if len(ids) != 1:
        return reverse("admin:channels_app_notificationlog_changelist")
    shown = result.moved[0].pk if result.moved else ids[0]
    return reverse("admin:channels_app_notificationlog_change", args=[shown])
