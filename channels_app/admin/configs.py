"""Channel configs in the admin: one form per kind of channel, no secret ever shown."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from channels_app.admin.bridges import bridge_page
from channels_app.admin.config_form import (
    COMMON,
    IDENTITY,
    OPTIONS,
    ChannelConfigForm,
    form_for,
    sender_field_names,
)
from channels_app.admin.probe_words import probe_words
from channels_app.admin.trials import run_trial, run_trials
from channels_app.models import UserConfig
from channels_app.selectors.configs import masked_data
from channels_app.senders.registry import SENDERS
from channels_app.services.configs import delete_config
from templates_app.admin.badges import badge, channel_badge, yes_badge
from templates_app.admin.pages import model_page

KIND = "channel_type"
SHOWN = ("channel", "state", "why_off")
# What is only told of a config that the product switched off.
PROBES = ("disabled_at", "probes")


class KindFilter(admin.SimpleListFilter):
    """The kinds there are, without asking the table."""

    title = _("channel")
    parameter_name = KIND

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, sender.label) for kind, sender in SENDERS.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UserConfig]
    ) -> QuerySet[UserConfig]:
        return queryset.filter(channel_type=self.value()) if self.value() else queryset


@admin.register(UserConfig)
class UserConfigAdmin(ModelAdmin):
    """Everything that is written goes through the service."""

    change_form_template = "admin/channels_app/userconfig/change_form.html"
    actions = ("send_tests",)
    list_display = ("user_id", "channel", "state", "why_off", "client", "updated_at")
    list_filter = (KindFilter, "is_active", "client")
    list_select_related = ("client",)
    list_per_page = 50
    search_fields = ("user_id__startswith",)
    search_help_text = _("The beginning of a user id")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    warn_unsaved_form = True

    @admin.display(description=_("Probes"))
    def probes(self, config: UserConfig) -> str:
        return probe_words(config)

    @admin.display(description=_("channel"), ordering=KIND)
    def channel(self, config: UserConfig) -> SafeString:
        return channel_badge(config.channel_type)

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, config: UserConfig) -> SafeString:
        if config.disabled_reason and not config.is_active:
            return badge(_("Switched off by the product"), "bad")
        if config.is_active and config.is_paused:
            return badge(_("Paused"), "warn")
        return yes_badge(config.is_active, _("On"), _("Off"))

    @admin.display(description=_("why it is off"), empty_value="–")
    def why_off(self, config: UserConfig) -> str | None:
        return None if config.is_active else config.disabled_reason or None

    @admin.display(description=_("config"))
    def masked(self, config: UserConfig) -> SafeString:
        lines = ((name, str(value)) for name, value in masked_data(config).items())
        return format_html_join(SafeString("<br>"), "{}: {}", lines)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask for the kind first; its form follows."""
        if request.GET.get(KIND) in SENDERS:
            response: HttpResponse = super().add_view(request, form_url, extra_context)
            return response
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._choose_kind(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.test_view)
        route = path(
            "<int:pk>/test-message/", view, name="channels_app_userconfig_test"
        )
        bridge = path(
            "<int:pk>/bridge/",
            self.admin_site.admin_view(partial(bridge_page, self)),
            name="channels_app_userconfig_bridge",
        )
        urls: list[URLPattern] = [route, bridge, *super().get_urls()]
        return urls

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """On POST send a test message; whoever only looks is led to the config."""
        config = self.get_object(request, str(pk))
        if config is None:
            raise Http404
        if not self.has_change_permission(request, config):
            raise PermissionDenied
        if request.method == "POST":
            return run_trial(self, request, config)
        page = reverse("admin:channels_app_userconfig_change", args=[config.pk])
        return HttpResponseRedirect(page)

    @admin.action(description=_("Send a test message"), permissions=["change"])
    def send_tests(
        self, request: HttpRequest, queryset: QuerySet[UserConfig]
    ) -> HttpResponse | None:
        return run_trials(self, request, queryset)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer a test message to those who may change the config."""
        config = self.get_object(request, object_id)
        may_send = config is not None and self.has_change_permission(request, config)
        context = {"may_send_test": may_send, **(extra_context or {})}
        response: HttpResponse = super().change_view(
            request, object_id, form_url, context
        )
        return response

    def _choose_kind(self, request: HttpRequest) -> HttpResponse:
        title, senders = _("Add a channel config"), list(SENDERS.values())
        return model_page(self, request, "choose_kind.html", title, senders=senders)

    def get_form(
        self, request: HttpRequest, obj: UserConfig | None = None, **kwargs: Any
    ) -> type[ChannelConfigForm]:
        return form_for(_kind(request, obj), obj)

    def get_fieldsets(
        self, request: HttpRequest, obj: UserConfig | None = None
    ) -> list[tuple[Any, Any]]:
        kind = _kind(request, obj)
        shown = IDENTITY if obj is None else (*IDENTITY, *SHOWN)
        if obj is not None and not obj.is_active and obj.disabled_at is not None:
            shown = (*shown, *PROBES)
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": (*shown, "masked", "guarantee")})]
        return [
            (None, {"fields": shown}),
            (SENDERS[kind].label, {"fields": sender_field_names(kind, obj)}),
            (_("Delivery"), {"fields": (*COMMON, *OPTIONS)}),
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: UserConfig | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else (*IDENTITY, *SHOWN, *PROBES, "masked")

    def delete_model(self, request: HttpRequest, obj: UserConfig) -> None:
        delete_config(config=obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[UserConfig]
    ) -> None:
        for config in queryset:
            delete_config(config=config)

    def save_form(
        self, request: HttpRequest, form: ChannelConfigForm, change: bool
    ) -> UserConfig:
        """Take what the service has stored; the form's own copy is not saved."""
        form.save(commit=False)
        return form.saved.config

    def save_model(
        self,
        request: HttpRequest,
        obj: UserConfig,
        form: ChannelConfigForm,
        change: bool,
    ) -> None:
        """Say the service's warnings; the row is stored already."""
        for warning in form.saved.warnings:
            messages.warning(request, warning)


def _kind(request: HttpRequest, config: UserConfig | None) -> str:
    return config.channel_type if config else str(request.GET[KIND])
