"""Templates as files in the admin: chosen ones go out, a file comes in after a look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold import widgets as unfold

from templates_app.admin.pages import model_page
from templates_app.engine.errors import SourceError
from templates_app.formats.registry import FORMATS
from templates_app.models import NotificationTemplate
from templates_app.services.exchange import (
    Action,
    ImportPlan,
    export_templates,
    import_templates,
    plan_import,
)
from templates_app.services.starters import starter_text
from templates_app.services.template_files import MAX_FILE

Page = ModelAdmin[NotificationTemplate]

FILE_NAME = "templates"
# The page that confirms sends the text back, among a few short fields.
SHORT_FIELDS = 16_384
LABELS = {
    Action.ADD: gettext_lazy("New"),
    Action.CHANGE: gettext_lazy("Changed"),
    Action.SAME: gettext_lazy("The same"),
    Action.REFUSED: gettext_lazy("Refused"),
}
LOOKS = {"add": "good", "change": "busy", "same": "plain", "refused": "bad"}


class ImportForm(forms.Form):
    """A file, the starters, or the text that was looked at already."""

    file = forms.FileField(
        label=gettext_lazy("JSON or YAML file"),
        required=False,
        widget=unfold.UnfoldAdminFileFieldWidget,
    )
    starters = forms.ChoiceField(
        label=gettext_lazy("Or the starter library"),
        required=False,
        choices=[("", "–"), ("en", "English"), ("zh-hans", "简体中文")],
        widget=unfold.UnfoldAdminSelectWidget,
        help_text=gettext_lazy(
            "Alerts, an order, a deployment, a report and a login code, for every "
            "channel."
        ),
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MAX_FILE) - SHORT_FIELDS
        if file is not None and (file.size or 0) > most:
            text = _(
                "The file has more than %(most)d bytes. Split it, or use "
                "manage.py templates import."
            )
            raise ValidationError(text % {"most": most})
        return file

    def chosen_text(self) -> str:
        """Return the text to import; raises UnicodeDecodeError."""
        if self.cleaned_data["text"]:
            return str(self.cleaned_data["text"])
        if self.cleaned_data["starters"]:
            return starter_text(self.cleaned_data["starters"])
        file = self.cleaned_data["file"]
        return file.read().decode("utf-8") if file else ""


def export_chosen(
    rows: QuerySet[NotificationTemplate], *, as_yaml: bool = False
) -> HttpResponse:
    """Return the chosen templates as a JSON or YAML file to keep."""
    keys = set(rows.values_list("template_key", flat=True))
    kind = "yaml" if as_yaml else "json"
    text = export_templates(keys, as_yaml=as_yaml)
    answer = HttpResponse(text, content_type=f"application/{kind}")
    answer["Content-Disposition"] = f'attachment; filename="{FILE_NAME}.{kind}"'
    return answer


def import_page(page: Page, request: HttpRequest) -> HttpResponse:
    """Take a file, show what it would do, and do it when that is confirmed."""
    if not (page.has_add_permission(request) and page.has_change_permission(request)):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    plan, text = _plan(request, form)
    if plan is not None and plan.is_possible and "confirmed" in request.POST:
        return _import(page, request, plan)
    return model_page(
        page,
        request,
        "import.html",
        _("Import templates"),
        form=form,
        text=text,
        plan=plan,
        rows=_rows(plan) if plan else [],
    )


def _plan(request: HttpRequest, form: ImportForm) -> tuple[ImportPlan | None, str]:
    if request.method != "POST" or not form.is_valid():
        return None, ""
    try:
        text = form.chosen_text()
        if not text.strip():
            form.add_error("file", _("Choose a file, or the starter library."))
            return None, ""
        return plan_import(text, channel_types=tuple(FORMATS)), text
    except UnicodeDecodeError:
        form.add_error("file", _("The file is not UTF-8. Save it as UTF-8."))
    except SourceError as error:
        form.add_error("file", _said(error))
    return None, ""


def _said(error: SourceError) -> str:
    place = ""
    if error.line:
        numbers = {"line": error.line, "column": error.column or 1}
        place = _("Line %(line)d, column %(column)d of the file:") % numbers + " "
    return f"{place}{error.message} {error.remedy}"


def _import(page: Page, request: HttpRequest, plan: ImportPlan) -> HttpResponse:
    author = request.user.get_username()
    count = import_templates(plan, author=author, channel_types=tuple(FORMATS))
    keys = [one.key for one in plan.templates if one.action is not Action.SAME]
    for template in NotificationTemplate.objects.filter(template_key__in=keys):
        page.log_change(request, template, "Imported from a file.")
    said = ngettext(
        "%(count)d template is imported.", "%(count)d templates are imported.", count
    )
    messages.success(request, said % {"count": count})
    name = "admin:templates_app_notificationtemplate_changelist"
    return HttpResponseRedirect(reverse(name))


def _rows(plan: ImportPlan) -> list[dict[str, object]]:
    return [
        {"planned": one, "label": LABELS[one.action], "look": LOOKS[one.action]}
        for one in plan.templates
    ]
