"""A template's draft sent for a look: to a real channel, marked as a test."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets as unfold

from channels_app.models import ApiClient, UserConfig
from channels_app.senders.registry import SENDERS
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.trials import send_template_test


class TemplateTrialForm(forms.Form):
    """Whose channel it is."""

    user_id = forms.CharField(
        label=gettext_lazy("User"),
        max_length=100,
        widget=unfold.UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It really arrives there, marked as a test in the log."),
    )
    channel_type = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=[(kind, sender.label) for kind, sender in SENDERS.items()],
        widget=unfold.UnfoldAdminSelectWidget,
    )

    client = forms.ModelChoiceField(
        label=gettext_lazy("API client"),
        queryset=ApiClient.objects.order_by("name"),
        required=False,
        widget=unfold.UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Needed where several clients have a user of this id."),
    )

    def chosen(self) -> UserConfig | None:
        """Return the one config that is meant; None with the reason said."""
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        found = list(UserConfig.objects.filter(**wanted)[:2])
        if not found:
            self.add_error("user_id", _("This user has no config for this channel."))
        elif len(found) > 1:
            self.add_error(
                "client",
                _("Several API clients have this user. Choose whose it is."),
            )
        return found[0] if len(found) == 1 else None


def template_trial(
    page: ModelAdmin[UserConfig], request: HttpRequest, key: str
) -> HttpResponse:
    """Ask where to; then send, and go where one sees what becomes of it."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    form = TemplateTrialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        config = form.chosen()
        answer = _sent(page, request, config, key) if config else None
        if answer is not None:
            return answer
    context = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": _("Send a test of %(key)s") % {"key": key},
        "form": form,
        "key": key,
    }
    name = "admin/channels_app/userconfig/template_trial.html"
    return TemplateResponse(request, name, context)


def _sent(
    page: ModelAdmin[UserConfig], request: HttpRequest, config: UserConfig, key: str
) -> HttpResponse | None:
    by = request.user.get_username()
    try:
        log = send_template_test(config=config, template_key=key, by=by)
    except RequestRefusedError as error:
        messages.error(request, f"{error.message} {error.hint}")
        return None
    page.log_change(request, config, f"Test of the template {key}.")
    messages.success(request, _("The test message is queued."))
    shown = reverse("admin:channels_app_notificationlog_change", args=[log.pk])
    return HttpResponseRedirect(shown)
