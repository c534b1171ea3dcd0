"""API clients in the admin: what they may do, and their secrets, each told once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from channels_app.admin.client_form import LIMITS, ApiClientForm
from channels_app.admin.client_words import NEW, SecretRow, is_old, secret_rows
from channels_app.models import DEFAULT_KEY_ID, ApiClient, CannotDecryptError
from channels_app.selectors.client_figures import days_of, with_week
from channels_app.services.client_figures import add_figures
from channels_app.services.client_secrets import (
    NewSecret,
    OnlySecretError,
    SecretIsASettingError,
    TwoSecretsError,
    add_secret,
    retire_secret,
)
from templates_app.admin.badges import badge, in_a_row, yes_badge
from templates_app.admin.pages import model_page

MOST_USERS_SHOWN = 3
Fieldsets = list[tuple[Any, Any]]


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
        "users",
        "week",
        "last_used_at",
    )
    list_filter = ("is_active", "needs_signature_v2")
    search_fields = ("name__istartswith", "key_id__startswith")
    search_help_text = _("The beginning of a name or key id")
    warn_unsaved_form = True

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, client: ApiClient) -> SafeString:
        return yes_badge(client.is_active, _("On"), _("Off"))

    @admin.display(description=_("scopes"))
    def scope_badges(self, client: ApiClient) -> SafeString:
        return in_a_row(badge(scope, "plain") for scope in client.scopes)

    @admin.display(description=_("allowed users"))
    def users(self, client: ApiClient) -> str:
        named = client.allowed_users
        if not named:
            return gettext("everybody")
        shown = ", ".join(named[:MOST_USERS_SHOWN])
        return f"{shown} …" if len(named) > MOST_USERS_SHOWN else shown

    @admin.display(description=_("requests in 7 days"), ordering="week_requests")
    def week(self, client: Any) -> str:
        if not client.week_refusals:
            return f"{client.week_requests:,}"
        return gettext("%(requests)s, %(refusals)s refused") % {
            "requests": f"{client.week_requests:,}",
            "refusals": f"{client.week_refusals:,}",
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiClient]:
        return with_week(super().get_queryset(request))

    def get_fieldsets(
        self, request: HttpRequest, obj: ApiClient | None = None
    ) -> Fieldsets:
        shown = () if obj is None else ("key_id", "last_used_at")
        may = ("scopes", "allowed_users", "needs_signature_v2")
        return [
            (None, {"fields": ("name", "is_active", *shown)}),
            (_("What it may do"), {"fields": may}),
            (_("How much it may ask"), {"fields": LIMITS}),
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiClient | None = None
    ) -> tuple[str, ...]:
        return ("key_id", "last_used_at")

    def has_delete_permission(
        self, request: HttpRequest, obj: ApiClient | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "channels_app_apiclient"
        urls: list[URLPattern] = [
            path(
                "<int:pk>/new-secret/",
                wrap(self.new_secret_view),
                name=f"{name}_secret",
            ),
            path(
                "<int:pk>/retire/<slug:which>/",
                wrap(self.retire_view),
                name=f"{name}_retire",
            ),
            *super().get_urls(),
        ]
        return urls

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show secrets and figures beside the form; offer what the person may do."""
        add_figures()
        client = self.get_object(request, object_id)
        context = {**self._beside_the_form(request, client), **(extra_context or {})}
        response: HttpResponse = super().change_view(
            request, object_id, form_url, context
        )
        return response

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show figures with what this process has counted and not told yet."""
        add_figures()
        response: HttpResponse = super().changelist_view(request, extra_context)
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
        """Ask, and on POST make a new secret beside the present one and show it once."""
        client = self._changeable(request, pk)
        if request.method != "POST":
            return self._page(request, client, "confirm_secret.html")
        try:
            made = add_secret(client=client)
        except SecretIsASettingError:
            return self._refuse(request, client, _setting_note())
        except TwoSecretsError:
            note = gettext("It has two secrets. Retire one before you make a third.")
            return self._refuse(request, client, note)
        self.log_change(request, client, gettext("New secret"))
        return self._tell(request, made)

    def retire_view(self, request: HttpRequest, pk: int, which: str) -> HttpResponse:
        """Ask, and on POST end one of two secrets."""
        client = self._changeable(request, pk)
        if request.method != "POST":
            row = _row_of(client, which)
            return self._page(request, client, "retire_secret.html", row=row)
        try:
            retire_secret(client=client, is_old=is_old(which))
        except SecretIsASettingError:
            return self._refuse(request, client, _setting_note())
        except OnlySecretError:
            note = gettext("It has one secret only. Switch the client off instead.")
            return self._refuse(request, client, note)
        except CannotDecryptError:
            note = gettext("The old secret cannot be read, so it cannot take over.")
            return self._refuse(request, client, note)
        told = (
            gettext("New secret retired")
            if which == NEW
            else gettext("Old secret retired")
        )
        self.log_change(request, client, told)
        messages.success(request, gettext("%(told)s.") % {"told": told})
        return HttpResponseRedirect(_page_of(client))

    def _beside_the_form(
        self, request: HttpRequest, client: ApiClient | None
    ) -> dict[str, Any]:
        if client is None:
            return {}
        is_setting = client.key_id == DEFAULT_KEY_ID
        return {
            "may_change_secrets": not is_setting
            and self.has_change_permission(request, client),
            "secret_rows": secret_rows(client),
            "setting_note": _setting_note() if is_setting else "",
            "days": [
                {"day": day, "requests": f"{asked:,}", "refusals": f"{refused:,}"}
                for day, asked, refused in days_of(client)
            ],
        }

    def _changeable(self, request: HttpRequest, pk: int) -> ApiClient:
        client: ApiClient | None = self.get_object(request, str(pk))
        if client is None:
            raise Http404
        if not self.has_change_permission(request, client):
            raise PermissionDenied
        return client

    def _refuse(
        self, request: HttpRequest, client: ApiClient, note: str
    ) -> HttpResponse:
        messages.error(request, note)
        return HttpResponseRedirect(_page_of(client))

    def _tell(self, request: HttpRequest, made: NewSecret) -> HttpResponse:
        # The admin's views send Cache-Control: no-store.
        return self._page(request, made.client, "new_secret.html", secret=made.secret)

    def _page(
        self, request: HttpRequest, client: ApiClient, template: str, **more: object
    ) -> TemplateResponse:
        back = _page_of(client)
        return model_page(
            self, request, template, client.name, client=client, back=back, **more
        )


def _row_of(client: ApiClient, which: str) -> SecretRow:
    for row in secret_rows(client):
        if row.which == which and row.may_be_retired:
            return row
    raise Http404


def _setting_note() -> str:
    return gettext(
        "Its secret is the setting API_SECRET_KEY. Requests without X-Key-Id are signed "
        "with it."
    )


def _page_of(client: ApiClient) -> str:
    return reverse("admin:channels_app_apiclient_change", args=[client.pk])
