"""Bulk replay in the admin: which ones, the plan, and then the confirmed deed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from channels_app.admin.delivery_moves import CONFIRMED, MOST_AT_ONCE
from channels_app.models import NotificationLog
from channels_app.senders.registry import SENDERS
from channels_app.services.bulk_replay import (
    ReplayFilter,
    ReplayPlan,
    plan_replay,
    replay,
)
from channels_app.services.deliveries import RetryFilter
from templates_app.admin.pages import model_page

REASONS: dict[str, StrOrPromise] = {
    "no_content": _("Their text was never written"),
    "config_missing": _("Their channel config is gone"),
    "channel_disabled": _("Their channel config is off"),
}
_ID_LIST = r"[0-9]{1,18}(,[0-9]{1,18}){0,499}"


class _When(forms.DateTimeField):
    def __init__(self, label: StrOrPromise) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
        super().__init__(required=False, label=label, widget=widget)


class ReplayForm(forms.Form):
    """Which failed deliveries; empty fields are no condition."""

    ids = forms.RegexField(_ID_LIST, required=False, widget=forms.HiddenInput())
    channel = forms.ChoiceField(
        label=_("Channel"),
        required=False,
        choices=lambda: [("", _("All")), *((k, s.label) for k, s in SENDERS.items())],
    )
    error_code = forms.CharField(label=_("Error code"), required=False, max_length=64)
    since = _When(_("Accepted since"))
    until = _When(_("Accepted until"))
    include_old = forms.BooleanField(
        label=_("Old and expired ones too"), required=False
    )
    include_duplicates = forms.BooleanField(
        label=_("Also those whose user got the same content since"), required=False
    )
    as_of = forms.DateTimeField(required=False, widget=forms.HiddenInput())

    def wanted(self) -> ReplayFilter:
        """Return the filter; the form must be valid."""
        data = self.cleaned_data
        ids = [int(key) for key in data["ids"].split(",")] if data["ids"] else None
        return ReplayFilter(
            RetryFilter(
                ids=ids,
                since=data["since"],
                until=data["until"],
                channel_type=data["channel"] or None,
                error_code=data["error_code"] or None,
            ),
            include_old=data["include_old"],
            include_duplicates=data["include_duplicates"],
        )


def to_replay_page(
    request: HttpRequest, chosen: QuerySet[NotificationLog]
) -> HttpResponse | None:
    """Lead to the plan of the chosen deliveries."""
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(ids) > MOST_AT_ONCE:
        too_many = _("Choose at most %(most)d deliveries at once.")
        messages.error(request, too_many % {"most": MOST_AT_ONCE})
        return None
    return HttpResponseRedirect(f"{_page()}?{urlencode({'ids': _joined(ids)})}")


def run_replay_page(
    model_admin: ModelAdmin[NotificationLog], request: HttpRequest
) -> HttpResponse:
    """Show the plan of what the form says; on the confirmed POST do it."""
    is_confirmed = request.method == "POST" and request.POST.get(CONFIRMED) == "yes"
    form = ReplayForm(request.POST if is_confirmed else request.GET)
    plan = plan_replay(form.wanted()) if form.is_valid() else None
    if plan is not None and is_confirmed:
        # What failed after the plan was shown was not part of it.
        shown = form.cleaned_data["as_of"] or plan.as_of
        return _done(request, replace(plan, as_of=shown))
    return model_page(
        model_admin,
        request,
        "replay.html",
        _("Replay failed deliveries"),
        form=form,
        plan=plan,
        reasons=_reasons(plan) if plan else [],
        hidden=_hidden(form, plan) if plan else {},
        minutes=math.ceil(plan.seconds / 60) if plan else 0,
        list=_list(),
    )


def _done(request: HttpRequest, plan: ReplayPlan) -> HttpResponse:
    done = replay(plan, by=request.user.get_username())
    said = ngettext(
        "%(count)d delivery is queued to be sent again.",
        "%(count)d deliveries are queued to be sent again.",
        done.queued,
    )
    messages.success(request, said % {"count": done.queued})
    return HttpResponseRedirect(_list())


def _reasons(plan: ReplayPlan) -> list[tuple[StrOrPromise, int]]:
    rows: list[tuple[StrOrPromise, int]] = [
        (_("Expired or too old"), plan.too_old),
        (_("Their user got the same content since"), plan.duplicates),
        *((REASONS[reason], count) for reason, count in plan.cannot_go.items()),
    ]
    return [row for row in rows if row[1]]


def _hidden(form: ReplayForm, plan: ReplayPlan) -> dict[str, str]:
    """Return the fields by which the confirmed POST means the plan that is shown."""
    data = {**form.cleaned_data, "as_of": plan.as_of}
    told = {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in data.items()
        if value
    }
    return {**told, CONFIRMED: "yes"}


def _joined(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def _page() -> str:
    return reverse("admin:channels_app_notificationlog_replay")


def _list() -> str:
    return reverse("admin:channels_app_notificationlog_changelist")
