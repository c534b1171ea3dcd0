"""The form of an API client: what it may do, for whom, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from unfold import widgets as unfold

from channels_app.models import ApiClient, Scope
from channels_app.models.clients import all_scopes
from channels_app.services.client_secrets import Terms, change_client, create_client
from channels_app.services.client_users import BadPatternError, checked_patterns

MOST_PER_MINUTE = 1_000_000
LIMITS = ("sends_per_minute", "management_per_minute", "logs_per_minute")
FIELDS = (
    "name",
    "is_active",
    "scopes",
    "allowed_users",
    "needs_signature_v2",
    *LIMITS,
)


class UsersField(forms.CharField):
    """User ids and beginnings of user ids, one a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Sequence[str]:
        text: str = super().clean(value)
        try:
            return checked_patterns(text.splitlines())
        except BadPatternError as error:
            raise forms.ValidationError(str(error)) from error


def limit_field(label: StrOrPromise, setting: str) -> forms.IntegerField:
    """Return the field of a limit of the client's own."""
    help_text = format_lazy(_("Empty: the setting {name}. 0: no limit."), name=setting)
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=0,
        max_value=MOST_PER_MINUTE,
        widget=unfold.UnfoldAdminIntegerFieldWidget,
    )


class ApiClientForm(forms.ModelForm[ApiClient]):
    """Scopes as check boxes; the secrets are no fields of any form."""

    is_active = forms.BooleanField(
        label=_("Active"),
        help_text=_("Clients are not deleted: one that is off is unknown to the API."),
        required=False,
        initial=True,
        widget=unfold.UnfoldBooleanSwitchWidget,
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        widget=unfold.UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        initial=all_scopes,
    )
    allowed_users = UsersField(
        label=_("Allowed users"),
        help_text=_(
            "One a line: a user id, or the beginning of user ids and a star (team-*). "
            "Empty: everybody. Other users do not exist for this client, whatever its "
            "scopes are."
        ),
        required=False,
        widget=unfold.UnfoldAdminTextareaWidget({"rows": 4, "spellcheck": "false"}),
    )
    needs_signature_v2 = forms.BooleanField(
        label=_("Signature version 2 only"),
        help_text=_(
            "Refuse signatures of version 1, which cover the body or the path but not "
            "both. Switch it on once the program signs with version 2."
        ),
        required=False,
        widget=unfold.UnfoldBooleanSwitchWidget,
    )
    sends_per_minute = limit_field(_("Sends a minute"), "LIMIT_SENDS_PER_MINUTE")
    management_per_minute = limit_field(
        _("Requests a minute on configs and templates"), "LIMIT_MANAGEMENT_PER_MINUTE"
    )
    logs_per_minute = limit_field(
        _("Requests a minute on logs"), "LIMIT_LOGS_PER_MINUTE"
    )

    class Meta:
        model = ApiClient
        fields = FIELDS

    def store(self) -> ApiClient:
        """Create or change the client through its service."""
        wanted = {name: self.cleaned_data[name] for name in FIELDS}
        name, scopes = wanted.pop("name"), wanted.pop("scopes")
        terms = Terms(**wanted)
        if self.instance.pk:
            return change_client(
                client=self.instance, name=name, scopes=scopes, terms=terms
            )
        return create_client(name=name, scopes=scopes, terms=terms).client
