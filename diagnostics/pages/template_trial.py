"""A template's draft sent for a look: into the sandbox or to a user's channel, as a test."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets as unfold

from channels_app.selectors.configs import client_names, configs_of_anyone
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.steps import Step
from channels_app.services.trials import run_template_test
from channels_app.services.wire_previews import channel_labels
from diagnostics.services.template_previews import Drawing
from diagnostics.services.template_trials import send_to_sandbox
from templates_app.refusals import TemplateNotFound
from templates_app.selectors import template as stored_template

SANDBOX, USER = "sandbox", "user"
MAY_WRITE = "templates_app.change_notificationtemplate"
MAY_SEND = "channels_app.change_userconfig"


@dataclass(frozen=True)
class Outcome:
    """What the page shows of a test; `log_id` is its delivery's, if there is one."""

    channel_type: str
    steps: tuple[Step, ...]
    drawings: tuple[Drawing, ...] = ()
    log_id: int | None = None

    @property
    def is_good(self) -> bool:
        return all(step.ok for step in self.steps)


class TemplateTrialForm(forms.Form):
    """Where a test goes: the sandbox, or whose channel."""

    destination = forms.ChoiceField(
        label=gettext_lazy("Where to"),
        choices=[
            (SANDBOX, gettext_lazy("The sandbox: it reaches nobody")),
            (USER, gettext_lazy("A user's channel: it really arrives there")),
        ],
        widget=unfold.UnfoldAdminSelectWidget,
    )
    channel_type = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=lambda: list(channel_labels().items()),
        widget=unfold.UnfoldAdminSelectWidget,
    )
    user_id = forms.CharField(
        label=gettext_lazy("User"),
        max_length=100,
        required=False,
        widget=unfold.UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Only for a user's channel."),
    )
    client = forms.TypedChoiceField(
        label=gettext_lazy("API client"),
        choices=lambda: [("", "---------"), *client_names()],
        coerce=int,
        empty_value=None,
        required=False,
        widget=unfold.UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Needed where several clients have a user of this id."),
    )

    def clean(self) -> None:
        """Ask for the user where one is meant."""
        super().clean()
        wanted = self.cleaned_data.get("destination") == USER
        if wanted and not self.cleaned_data.get("user_id"):
            self.add_error("user_id", _("Write whose channel it is."))


@staff_member_required
def template_trial(request: HttpRequest, key: str) -> HttpResponse:
    """Ask where to; then send, and show each step of it."""
    if not request.user.has_perm(MAY_WRITE):
        raise PermissionDenied
    try:
        template = stored_template(key=key)
    except TemplateNotFound as error:
        raise Http404(error.message) from error
    form = TemplateTrialForm(request.POST or None, initial=request.GET.dict())
    outcome = None
    if request.method == "POST" and form.is_valid():
        outcome = _tried(request, form, key)
    context = {
        **admin.site.each_context(request),
        "title": _("Send a test of %(key)s") % {"key": key},
        "form": form,
        "template": template,
        "outcome": outcome,
    }
    return TemplateResponse(request, "previews/trial.html", context)


def _tried(request: HttpRequest, form: TemplateTrialForm, key: str) -> Outcome | None:
    try:
        if form.cleaned_data["destination"] == SANDBOX:
            return _sent_to_sandbox(request, form.cleaned_data["channel_type"], key)
        return _sent_to_user(request, form, key)
    except RequestRefusedError as error:
        messages.error(request, f"{error.message} {error.hint}")
        return None


def _sent_to_sandbox(request: HttpRequest, kind: str, key: str) -> Outcome:
    tried = send_to_sandbox(template_key=key, channel_type=kind)
    _audit(request, stored_template(key=key), f"Test into the sandbox by {kind}.")
    return Outcome(kind, tried.steps, tried.drawings)


def _sent_to_user(
    request: HttpRequest, form: TemplateTrialForm, key: str
) -> Outcome | None:
    if not request.user.has_perm(MAY_SEND):
        raise PermissionDenied
    kind = form.cleaned_data["channel_type"]
    found = configs_of_anyone(
        user_id=form.cleaned_data["user_id"],
        channel_type=kind,
        client_id=form.cleaned_data["client"],
    )
    if len(found) != 1:
        _say_which(form, is_none=not found)
        return None
    by = request.user.get_username()
    tried = run_template_test(config=found[0], template_key=key, by=by)
    _audit(request, found[0], f"Test of the template {key}.")
    return Outcome(kind, tried.steps, log_id=tried.log.pk)


def _say_which(form: TemplateTrialForm, *, is_none: bool) -> None:
    if is_none:
        form.add_error("user_id", _("This user has no config for this channel."))
        return
    message = _("Several API clients have this user. Choose whose it is.")
    form.add_error("client", message)


def _audit(request: HttpRequest, what: Model, text: str) -> None:
    who = request.user.pk
    if who is None:
        raise PermissionDenied
    LogEntry.objects.log_actions(
        who, [what], CHANGE, change_message=text, single_object=True
    )
