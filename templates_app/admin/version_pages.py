"""The pages of a template's past: two versions side by side, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from templates_app.admin.pages import model_page
from templates_app.engine.differences import Difference, differences
from templates_app.formats.registry import FORMATS
from templates_app.models import NotificationTemplate, TemplateVersion
from templates_app.refusals import TemplateInvalid, TemplateRefusal
from templates_app.selectors import draft_of_template, template_version, version_at
from templates_app.services.publishing import (
    draft_snapshot,
    draft_to_edit,
    drop_draft,
    roll_back,
)
from templates_app.services.rehearsals import USES, rehearse

Page = ModelAdmin[NotificationTemplate]

FIELDS: dict[str, StrOrPromise] = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "variables": gettext_lazy("Variables"),
    "undefined": gettext_lazy("Unknown names"),
    "content_type": gettext_lazy("Content type"),
    "subject_template": gettext_lazy("Subject"),
    "content_template": gettext_lazy("Content"),
}
DRAFT = "draft"
MOST_REHEARSED = 1_000


@dataclass(frozen=True)
class Side:
    """One of the two states that are compared."""

    title: str
    author: str
    at: datetime | None
    note: str
    snapshot: dict[str, object]


@dataclass(frozen=True)
class Shown:
    """A difference with the words that head it."""

    channel: str
    label: StrOrPromise
    difference: Difference


def compare(page: Page, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what differs: `from` and `to` are numbers or "draft"; or two dates."""
    template = _template(page, request, pk)
    try:
        before, after = _sides(template, request)
    except TemplateRefusal as refusal:
        messages.error(request, f"{refusal.message} {refusal.remedy}")
        return _back(template)
    except (ValueError, OverflowError):
        messages.error(request, _("There is no such date or version. Choose others."))
        return _back(template)
    found = differences(before.snapshot, after.snapshot)
    return model_page(
        page,
        request,
        "compare.html",
        _("What changed in %(key)s") % {"key": template.template_key},
        template=template,
        before=before,
        after=after,
        differences=[_shown(difference) for difference in found],
        versions=template.versions.defer("snapshot")[:200],
        draft=draft_of_template(template),
        chosen=(request.GET.get("from", ""), request.GET.get("to", "")),
        dates=(request.GET.get("since", ""), request.GET.get("until", "")),
    )


def rehearsal(page: Page, request: HttpRequest, pk: int) -> HttpResponse:
    """Try the draft, or what is live, on the `last` notifications of the template."""
    template = _template(page, request, pk)
    return model_page(
        page,
        request,
        "rehearsal.html",
        _("Rehearsal of %(key)s") % {"key": template.template_key},
        template=template,
        draft=draft_of_template(template),
        last=_last(request),
        rehearsal=rehearse(draft_to_edit(template), limit=_last(request)),
    )


def _last(request: HttpRequest) -> int:
    """Return how many notifications are asked for, within bounds."""
    asked = request.GET.get("last", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9):
        return USES
    return max(1, min(int(asked), MOST_REHEARSED))


def restore(page: Page, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make an old version the live one again; the history keeps both."""
    template = _template(page, request, pk, to_change=True)
    if request.method == "POST":
        _restore(page, request, template, number)
    return _back(template)


def discard(page: Page, request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away; the live version is not touched."""
    template = _template(page, request, pk, to_change=True)
    if request.method != "POST":
        return _back(template)
    try:
        drop_draft(key=template.template_key)
    except TemplateRefusal as refusal:
        messages.warning(request, f"{refusal.message} {refusal.remedy}")
        return _back(template)
    page.log_change(request, template, "Discarded the draft.")
    if not template.version:
        messages.success(request, _("The draft is gone. Nothing was live."))
        name = "admin:templates_app_notificationtemplate_changelist"
        return HttpResponseRedirect(reverse(name))
    messages.success(request, _("The draft is gone. The live version is as it was."))
    return _back(template)


def _restore(
    page: Page, request: HttpRequest, template: NotificationTemplate, number: int
) -> None:
    try:
        saved = roll_back(
            key=template.template_key,
            number=number,
            author=request.user.get_username(),
            channel_types=tuple(FORMATS),
        )
    except TemplateInvalid as refusal:
        for problem in refusal.problems:
            messages.error(request, f"{problem.message} {problem.remedy}")
        return
    except TemplateRefusal as refusal:
        messages.error(request, f"{refusal.message} {refusal.remedy}")
        return
    page.log_change(request, template, f"Went back to version {number}.")
    said = _("Version %(old)d is live again, as version %(new)d.")
    messages.success(request, said % {"old": number, "new": saved.template.version})


def _template(
    page: Page, request: HttpRequest, pk: int, *, to_change: bool = False
) -> NotificationTemplate:
    template = page.get_object(request, str(pk))
    may = page.has_change_permission if to_change else page.has_view_permission
    if template is None or not may(request, template):
        raise PermissionDenied
    return template


def _sides(template: NotificationTemplate, request: HttpRequest) -> tuple[Side, Side]:
    since, until = (parse_date(request.GET.get(n, "")) for n in ("since", "until"))
    if since and until:
        return _at(template, since), _at(template, until)
    after = request.GET.get("to") or str(template.version)
    before = request.GET.get("from") or _one_before(template, after)
    return _side(template, before), _side(template, after)


def _one_before(template: NotificationTemplate, after: str) -> str:
    last = template.version
    return str(max(int(after) - 1, 1)) if after.isdecimal() else str(last)


def _side(template: NotificationTemplate, name: str) -> Side:
    if name == DRAFT:
        kept, snapshot = draft_snapshot(template)
        return Side(_("Draft"), kept.author, kept.updated_at, kept.note, snapshot)
    number = int(name) if name.isdecimal() and len(name) < 9 else 0
    return _of_version(template_version(template, number))


def _at(template: NotificationTemplate, day: date) -> Side:
    """The state at the end of a day."""
    moment = make_aware(datetime.combine(day + timedelta(days=1), time()))
    version = version_at(template, moment)
    if version is None:
        return Side(_("Not there yet"), "", None, "", {})
    return _of_version(version)


def _of_version(version: TemplateVersion) -> Side:
    return Side(
        title=_("Version %(number)d") % {"number": version.number},
        author=version.author,
        at=version.created_at,
        note=version.note,
        snapshot=version.snapshot,
    )


def _shown(difference: Difference) -> Shown:
    label = FIELDS.get(difference.field, difference.field)
    return Shown(difference.channel, label, difference)


def _back(template: NotificationTemplate) -> HttpResponseRedirect:
    name = "admin:templates_app_notificationtemplate_change"
    return HttpResponseRedirect(reverse(name, args=[template.pk]))
