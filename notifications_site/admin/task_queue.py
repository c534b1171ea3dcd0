"""django-q's own pages: to read, for superusers alone.

Its schedules can run any function, so nothing here may add, change or repeat one.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext_lazy as _
from django_q import admin as django_q_admin
from django_q.models import Failure, Schedule

from channels_app.admin.reading import ReadOnlyAdmin

for model in (
    Schedule,
    Failure,
    django_q_admin.Success,
    django_q_admin.OrmQ,
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ReadByTheSuperuser(ReadOnlyAdmin):
    """A list and a page per row, and no way to act."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return request.user.is_superuser


@admin.register(Schedule)
class ScheduleAdmin(ReadByTheSuperuser):
    """What the task queue starts by itself, and when."""

    list_display = ("name", "func", "schedule_type", "minutes", "next_run")
    fields = ("name", "func", "schedule_type", "minutes", "cron", "repeats", "next_run")


@admin.register(Failure)
class FailedTaskAdmin(ReadByTheSuperuser):
    """Tasks that raised; deliveries never depend on them."""

    list_display = ("name", "func", "started", "stopped", "short_result")
    fields = ("name", "func", "cluster", "started", "stopped", "attempt_count", "error")
    readonly_fields = ("error",)
    search_fields = ("name__startswith", "func__startswith")

    @admin.display(description=_("error"))
    def short_result(self, task: Failure) -> str:
        return truncatechars(task.result, 100)

    @admin.display(description=_("error"))
    def error(self, task: Failure) -> str:
        return str(task.result)
