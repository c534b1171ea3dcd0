"""API clients in the admin: what they may do, and their secret, told once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets as unfold
from unfold.admin import ModelAdmin

from channels_app.models import DEFAULT_KEY_ID, ApiClient, Scope
from channels_app.models.clients import all_scopes
from channels_app.services.client_secrets import (
    NewSecret,
    SecretIsASettingError,
    change_client,
    create_client,
    renew_secret,
)
from templates_app.admin.badges import badge, in_a_row, yes_badge

FIELDS = ("name", "scopes", "is_active", "sends_per_minute")
MOST_SENDS_PER_MINUTE = 1_000_000


class ApiClientForm(forms.ModelForm[ApiClient]):
    """Scopes as check boxes; the secret is no field of any form."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        widget=unfold.UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        initial=all_scopes,
    )

    sends_per_minute = forms.IntegerField(
        label=_("Sends a minute"),
        help_text=_("Empty: the setting LIMIT_SENDS_PER_MINUTE. 0: no limit."),
        required=False,
        min_value=0,
        max_value=MOST_SENDS_PER_MINUTE,
        widget=unfold.UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = ApiClient
        fields = FIELDS

    def store(self) -> ApiClient:
        """Create or change the client through its service."""
        wanted = {name: self.cleaned_data[name] for name in FIELDS}
        if self.instance.pk:
            return change_client(client=self.instance, **wanted)
        return create_client(**wanted).client


@admin.register(ApiClient)
class ApiClientAdmin(ModelAdmin):
    """Clients are switched off, never deleted: deliveries and configs name them."""

    form = ApiClientForm
    change_form_template = "admin/channels_app/apiclient/change_form.html"
    list_display = (
        "name",
        "key_id",
        "state",
        "scope_badges",
        "sends_per_minute",
        "last_used_at",
    )
    list_filter = ("is_active",)
    search_fields = ("name__istartswith", "key_id__startswith")
    search_help_text = _("The beginning of a name or key id")
    warn_unsaved_form = True

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, client: ApiClient) -> SafeString:
        return yes_badge(client.is_active, _("On"), _("Off"))

    @admin.display(description=_("scopes"))
    def scope_badges(self, client: ApiClient) -> SafeString:
        return in_a_row(badge(scope, "plain") for scope in client.scopes)

    @admin.display(description=_("secret"))
    def about_secret(self, client: ApiClient) -> str:
        if client.key_id == DEFAULT_KEY_ID:
            return gettext(
                "It is the setting API_SECRET_KEY. Requests without X-Key-Id are "
                "signed with it."
            )
        if client.secret is None:
            return gettext("None yet. Make one with “New secret”.")
        return gettext("Stored encrypted. It is shown only once, when it is made.")

    def get_fieldsets(
        self, request: HttpRequest, obj: ApiClient | None = None
    ) -> list[tuple[Any, Any]]:
        shown = () if obj is None else ("key_id", "about_secret", "last_used_at")
        return [(None, {"fields": (*FIELDS, *shown)})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiClient | None = None
    ) -> tuple[str, ...]:
        return ("key_id", "about_secret", "last_used_at")

    def has_delete_permission(
        self, request: HttpRequest, obj: ApiClient | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_secret_view)
        route = path("<int:pk>/new-secret/", view, name="channels_app_apiclient_secret")
        urls: list[URLPattern] = [route, *super().get_urls()]
        return urls

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer a new secret to those who may change the client."""
        client = self.get_object(request, object_id)
        may_renew = (
            client is not None
            and client.key_id != DEFAULT_KEY_ID
            and self.has_change_permission(request, client)
        )
        context = {"may_renew_secret": may_renew, **(extra_context or {})}
        response: HttpResponse = super().change_view(
            request, object_id, form_url, context
        )
        return response

    def save_form(
        self, request: HttpRequest, form: ApiClientForm, change: bool
    ) -> ApiClient:
        form.save(commit=False)
        return form.store()

    def save_model(
        self, request: HttpRequest, obj: ApiClient, form: ApiClientForm, change: bool
    ) -> None:
        """Do nothing more: the service has stored the client."""

    def response_add(
        self, request: HttpRequest, obj: ApiClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret, once."""
        return self._tell(request, NewSecret(obj, obj.secret.reveal()))

    def new_secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, and on POST make a new secret and show it once."""
        client = self.get_object(request, str(pk))
        if client is None:
            raise Http404
        if not self.has_change_permission(request, client):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, client, "confirm_secret.html")
        try:
            made = renew_secret(client=client)
        except SecretIsASettingError:
            messages.error(request, self.about_secret(client))
            return HttpResponseRedirect(_page_of(client))
        self.log_change(request, client, gettext("New secret"))
        return self._tell(request, made)

    def _tell(self, request: HttpRequest, made: NewSecret) -> HttpResponse:
        # The admin's views send Cache-Control: no-store.
        return self._page(request, made.client, "new_secret.html", made.secret)

    def _page(
        self, request: HttpRequest, client: ApiClient, template: str, secret: str = ""
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": client.name,
            "subtitle": None,
            "client": client,
            "secret": secret,
        }
        return TemplateResponse(
            request, f"admin/channels_app/apiclient/{template}", context
        )


def _page_of(client: ApiClient) -> str:
    return reverse("admin:channels_app_apiclient_change", args=[client.pk])
