"""Health reports in the admin: made now, followed while they are made, read, compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.admin.reading import ReadOnlyAdmin
from diagnostics.admin.report_page import LOOKS, contents
from diagnostics.models import HealthReport
from diagnostics.services.report_making import start_report
from diagnostics.services.report_texts import as_json, as_markdown
from templates_app.admin.badges import badge
from templates_app.admin.pages import model_page

PAGES = "admin/diagnostics/healthreport"
_LIST = "admin:diagnostics_healthreport_changelist"
# A report that is not finished by then was cut off with its process.
CUT_OFF = timedelta(minutes=3)


@admin.register(HealthReport)
class HealthReportAdmin(ReadOnlyAdmin):
    """Reports are made by schedule, or now; nobody edits them."""

    list_display = (
        "started_at",
        "state",
        "critical",
        "warnings",
        "took_ms",
        "asked_by",
    )
    change_list_template = f"{PAGES}/change_list.html"
    ordering = ("-id",)

    @admin.display(description=gettext_lazy("state"))
    def state(self, report: HealthReport) -> SafeString:
        if report.finished_at is None:
            return badge(_("being made"), "plain")
        words = {
            "": _("healthy"),
            "info": _("healthy"),
            "warning": _("with warnings"),
            "critical": _("critical"),
        }
        return badge(words[report.worst], LOOKS[report.worst])

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "diagnostics_healthreport"
        urls: list[URLPattern] = [
            path("make/", view(self.make_view), name=f"{name}_make"),
            path("<int:pk>/report.json", view(self.json_view), name=f"{name}_json"),
            path("<int:pk>/report.md", view(self.markdown_view), name=f"{name}_md"),
            *super().get_urls(),
        ]
        return urls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_make = request.user.has_perm("diagnostics.add_healthreport")
        extra = {**(extra_context or {}), "may_make": may_make}
        page: HttpResponse = super().changelist_view(request, extra)
        return page

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Begin a report in the background and lead to its page; on POST only."""
        may_make = request.user.has_perm("diagnostics.add_healthreport")
        if request.method != "POST" or not may_make:
            raise PermissionDenied
        report = start_report(request.user.get_username())
        if report is None:
            told = _("A report is being made already: it stands first in this list.")
            messages.info(request, told)
            return HttpResponseRedirect(reverse(_LIST))
        return HttpResponseRedirect(_page_of(report))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one report, or how far it is."""
        report, title = self._report(request, object_id), _("Health report")
        if report.finished_at is not None:
            return model_page(
                self, request, "report.html", title, report=report, **contents(report)
            )
        progress = _progress(report)
        page = model_page(
            self, request, "progress.html", title, report=report, **progress
        )
        if not progress["is_cut_off"]:
            page["Refresh"] = "1"
        return page

    def json_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the report to a program."""
        return JsonResponse(as_json(self._report(request, str(pk))))

    def markdown_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the report as Markdown, to be sent or kept."""
        text = as_markdown(self._report(request, str(pk)))
        response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="health-{pk}.md"'
        return response

    def _report(self, request: HttpRequest, pk: str) -> HealthReport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        report: HealthReport | None = self.get_object(request, pk)
        if report is None:
            raise Http404
        return report


def _progress(report: HealthReport) -> dict[str, Any]:
    is_cut_off = timezone.now() - report.started_at > CUT_OFF
    return {"done": len(report.body), "is_cut_off": is_cut_off}


def _page_of(report: HealthReport) -> str:
    return reverse("admin:diagnostics_healthreport_change", args=[report.pk])
