"""Backups in the admin: what there is, one made now, one proved."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.admin.reading import ReadOnlyAdmin
from diagnostics.backup.processes import start_command
from diagnostics.models import Backup
from diagnostics.models.backups import BackupState
from diagnostics.services.backups import path_of
from templates_app.admin.badges import badge

PAGE = "admin/diagnostics/backup/change_list.html"
MOST_AT_ONCE = 3
LOOKS = {
    BackupState.MAKING: "plain",
    BackupState.READY: "good",
    BackupState.FAILED: "bad",
}
SHOWN = (
    "name",
    "folder",
    "state_badge",
    "proof_badge",
    "verified_at",
    "verification",
    "size_shown",
    "rows_by_table",
    "logs_days",
    "is_encrypted",
    "is_scheduled",
    "made_by",
    "version",
    "started_at",
    "finished_at",
    "error",
)


@admin.register(Backup)
class BackupAdmin(ReadOnlyAdmin):
    """Backups are made by schedule, by command, or here; nobody edits them."""

    list_display = (
        "started_at",
        "name",
        "state_badge",
        "size_shown",
        "row_count",
        "proof_badge",
        "verified_at",
        "made_by",
    )
    change_list_template = PAGE
    fields = readonly_fields = SHOWN
    ordering = ("-id",)
    actions = ("verify",)

    @admin.display(description=gettext_lazy("state"))
    def state_badge(self, backup: Backup) -> SafeString:
        state = BackupState(backup.state)
        return badge(str(state.label), LOOKS[state])

    @admin.display(description=gettext_lazy("restores"))
    def proof_badge(self, backup: Backup) -> SafeString:
        if backup.is_good is None:
            return badge(_("not proved yet"), "plain")
        if backup.is_good:
            return badge(_("proved"), "good")
        return badge(_("bad"), "bad")

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def size_shown(self, backup: Backup) -> str:
        return filesizeformat(backup.size)

    @admin.display(description=gettext_lazy("rows"))
    def row_count(self, backup: Backup) -> int:
        return sum(backup.counts.values())

    @admin.display(description=gettext_lazy("rows by table"))
    def rows_by_table(self, backup: Backup) -> str:
        return ", ".join(f"{name} {count}" for name, count in backup.counts.items())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.make_view)
        route = path("make/", view, name="diagnostics_backup_make")
        urls: list[URLPattern] = [route, *super().get_urls()]
        return urls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_make": _may_make(request)}
        page: HttpResponse = super().changelist_view(request, extra)
        return page

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Start a backup in a process of its own; on POST only."""
        if request.method != "POST" or not _may_make(request):
            raise PermissionDenied
        encrypt = ["--encrypt"] if settings.BACKUP_PASSPHRASE else []
        start_command("backup", "--by", request.user.get_username(), *encrypt)
        messages.success(request, _("A backup is being made; it appears here."))
        return HttpResponseRedirect(reverse("admin:diagnostics_backup_changelist"))

    def has_verify_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may have a backup proved."""
        return request.user.has_perm("diagnostics.change_backup")

    @admin.action(
        description=gettext_lazy("Prove by restoring into a scratch database"),
        permissions=["verify"],
    )
    def verify(self, request: HttpRequest, chosen: QuerySet[Backup]) -> None:
        """Start the proof of each; the list shows what came of it."""
        ready = list(chosen.filter(state=BackupState.READY)[: MOST_AT_ONCE + 1])
        if not ready or len(ready) > MOST_AT_ONCE:
            told = _("Choose one to %(most)d backups that are ready.")
            messages.error(request, told % {"most": MOST_AT_ONCE})
            return
        for backup in ready:
            start_command("verify_backup", str(path_of(backup)))
        told = _("It is being restored and compared; the list shows what came of it.")
        messages.success(request, told)


def _may_make(request: HttpRequest) -> bool:
    return request.user.has_perm("diagnostics.add_backup")
