"""Templates in the admin: written through the one validator, every save a version."""

from dataclasses import asdict
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from templates_app.admin import exchange_pages, version_pages
from templates_app.admin.badges import badge, channel_badges, yes_badge
from templates_app.admin.channel_fields import channel_sections
from templates_app.admin.template_form import (
    DRAFT_BUTTON,
    FACTS,
    IDENTITY,
    NOTE,
    VALUES,
    TemplateForm,
    form_for,
    problem_text,
)
from templates_app.models import NotificationTemplate
from templates_app.selectors import draft_of_template
from templates_app.services.drafts import draft_from

SHOWN_VERSIONS = 50
SHOWN_VARIABLES = 6
READ_ONLY_VALUES = ("undefined", "variables", "sample_variables")


@admin.register(NotificationTemplate)
class NotificationTemplateAdmin(ModelAdmin):
    """Templates are taken out of use, never deleted: deliveries name them."""

    change_form_template = "admin/templates_app/notificationtemplate/change_form.html"
    list_display = (
        "template_key",
        "template_name",
        "channels",
        "variable_list",
        "state",
        "live_version",
        "updated_at",
    )
    list_filter = ("is_active",)
    list_per_page = 50
    search_fields = ("template_key__istartswith", "template_name__icontains")
    search_help_text = _("The beginning of a key, or a part of a name")
    warn_unsaved_form = True
    actions = ("export_chosen", "export_yaml")
    list_before_template = "admin/templates_app/notificationtemplate/before_list.html"

    class Media:
        """The editors of the contents, and the preview beside them."""

        js = ("templates_app/editor.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationTemplate]:
        rows: QuerySet[NotificationTemplate] = super().get_queryset(request)
        return rows.prefetch_related("contents")

    @admin.action(description=_("Export as a JSON file"), permissions=["view"])
    def export_chosen(
        self, request: HttpRequest, rows: QuerySet[NotificationTemplate]
    ) -> HttpResponse:
        return exchange_pages.export_chosen(rows)

    @admin.action(description=_("Export as a YAML file"), permissions=["view"])
    def export_yaml(
        self, request: HttpRequest, rows: QuerySet[NotificationTemplate]
    ) -> HttpResponse:
        return exchange_pages.export_chosen(rows, as_yaml=True)

    @admin.display(description=_("channels"))
    def channels(self, template: NotificationTemplate) -> SafeString:
        return channel_badges([row.channel_type for row in template.contents.all()])

    @admin.display(description=_("variables"))
    def variable_list(self, template: NotificationTemplate) -> SafeString:
        shown = ", ".join(map(str, template.variables[:SHOWN_VARIABLES]))
        more = " …" if len(template.variables) > SHOWN_VARIABLES else ""
        return format_html('<span class="nt-code">{}{}</span>', shown, more)

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, template: NotificationTemplate) -> SafeString:
        if not template.version:
            return badge(_("Draft only"), "plain")
        return yes_badge(template.is_active, _("In use"), _("Out of use"))

    @admin.display(description=_("version"), ordering="version")
    def live_version(self, template: NotificationTemplate) -> int | None:
        return template.version or None

    def has_delete_permission(
        self, request: HttpRequest, obj: NotificationTemplate | None = None
    ) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Add the versions there were, and what a reader without a form previews."""
        template = self.get_object(request, object_id)
        context: dict[str, Any] = {**(extra_context or {})}
        if template is not None:
            context["draft"] = draft_of_template(template)
            context["may_change"] = self.has_change_permission(request, template)
            context["versions"] = template.versions.defer("snapshot")[:SHOWN_VERSIONS]
            if not self.has_change_permission(request, template):
                context["sources"] = template.contents.all()
                context["stored_draft"] = asdict(draft_from(template))
        response: HttpResponse = super().change_view(
            request, object_id, form_url, context
        )
        return response

    def get_form(
        self,
        request: HttpRequest,
        obj: NotificationTemplate | None = None,
        **kwargs: Any,
    ) -> type[TemplateForm]:
        return form_for(obj, request.user.get_username())

    def get_fieldsets(
        self, request: HttpRequest, obj: NotificationTemplate | None = None
    ) -> list[tuple[Any, Any]]:
        facts = (None, {"fields": (*IDENTITY, *FACTS)})
        if obj is not None and not self.has_change_permission(request, obj):
            return [facts, (_("Values"), {"fields": READ_ONLY_VALUES})]
        return [
            facts,
            *channel_sections(obj),
            (_("Values"), {"fields": VALUES}),
            (_("This version"), {"fields": NOTE}),
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: NotificationTemplate | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else IDENTITY

    def save_form(
        self, request: HttpRequest, form: TemplateForm, change: bool
    ) -> NotificationTemplate:
        """Take what the service has stored; the form's own copy is not saved."""
        form.save(commit=False)
        return form.stored

    def save_model(
        self,
        request: HttpRequest,
        obj: NotificationTemplate,
        form: TemplateForm,
        change: bool,
    ) -> None:
        """Say the service's warnings; the version is stored already."""
        for problem in form.saved.warnings if form.saved else ():
            messages.warning(request, problem_text(problem))
        if change and form.rehearsal and not form.rehearsal.is_good:
            figures = f"{form.rehearsal.failed} of {form.rehearsal.total}"
            said = f"Published although {figures} rehearsed notifications fail."
            self.log_change(request, obj, said)

    def construct_change_message(
        self, request: HttpRequest, form: TemplateForm, formsets: Any, add: bool = False
    ) -> Any:
        """Name a draft as what it is, and a save by its version, which says the rest."""
        if form.is_for_draft:
            return "Kept a draft."
        return f"Saved version {form.stored.version}."

    def response_change(
        self, request: HttpRequest, obj: NotificationTemplate
    ) -> HttpResponse:
        """Stay with a draft that was kept."""
        if DRAFT_BUTTON not in request.POST:
            usual: HttpResponse = super().response_change(request, obj)
            return usual
        return _kept(request, obj)

    def response_add(
        self,
        request: HttpRequest,
        obj: NotificationTemplate,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        """Go on with a draft that was begun."""
        if DRAFT_BUTTON not in request.POST:
            usual: HttpResponse = super().response_add(request, obj, post_url_continue)
            return usual
        return _kept(request, obj)

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("import/", exchange_pages.import_page, "import"),
            ("<int:pk>/compare/", version_pages.compare, "compare"),
            (
                "<int:pk>/versions/<int:number>/restore/",
                version_pages.restore,
                "restore",
            ),
            ("<int:pk>/rehearsal/", version_pages.rehearsal, "rehearsal"),
            ("<int:pk>/draft/discard/", version_pages.discard, "discard"),
        )
        own = [
            path(
                route,
                self.admin_site.admin_view(partial(view, self)),
                name=f"templates_app_notificationtemplate_{name}",
            )
            for route, view, name in pages
        ]
        urls: list[URLPattern] = [*own, *super().get_urls()]
        return urls


def _kept(request: HttpRequest, template: NotificationTemplate) -> HttpResponse:
    live = _("The draft is kept. Version %(number)d is still live.")
    nothing = _("The draft is kept. Nothing is live yet.")
    said = live % {"number": template.version} if template.version else nothing
    messages.success(request, said)
    page = "admin:templates_app_notificationtemplate_change"
    return HttpResponseRedirect(reverse(page, args=[template.pk]))
