"""Scheduled work in the admin: how it stands, how often it runs, and one run now."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets as unfold
from unfold.admin import ModelAdmin

from channels_app.admin.newest_first import NewestFirstAdmin
from channels_app.models import RunStatus, Schedule, TaskExecutionRecord
from channels_app.selectors.schedules import TaskState, task_states
from channels_app.services.scheduled_work import (
    AlreadyRunningError,
    ask_for_run,
    change_schedule,
)
from templates_app.admin.badges import badge
from templates_app.admin.pages import model_page

LONGEST_INTERVAL_MINUTES = 60 * 24 * 31


class ScheduleForm(forms.Form):
    """How often a task runs."""

    is_enabled = forms.BooleanField(
        label=gettext_lazy("On"),
        required=False,
        widget=unfold.UnfoldBooleanSwitchWidget,
    )
    every = forms.IntegerField(
        label=gettext_lazy("Every, in minutes"),
        min_value=1,
        max_value=LONGEST_INTERVAL_MINUTES,
        widget=unfold.UnfoldAdminIntegerFieldWidget,
    )
    offset = forms.IntegerField(
        label=gettext_lazy("Minutes after midnight UTC"),
        help_text=gettext_lazy("195 makes a daily run start at 3:15."),
        min_value=0,
        max_value=60 * 24,
        widget=unfold.UnfoldAdminIntegerFieldWidget,
    )


@admin.register(Schedule)
class ScheduleAdmin(ModelAdmin):
    """The tasks come from the code; the table holds when they run."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Schedule | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        run = self.admin_site.admin_view(self.run_view)
        route = path("<str:name>/run/", run, name="channels_app_schedule_run")
        urls: list[URLPattern] = [route, *super().get_urls()]
        return urls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List every task with its last run and its next."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return model_page(
            self,
            request,
            "change_list.html",
            _("Scheduled work"),
            states=task_states(),
            may_turn=self.has_change_permission(request),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Set how often one task runs."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        state = _state_of(object_id)
        form = ScheduleForm(request.POST or None, initial=_initial(object_id))
        if request.method == "POST" and form.is_valid():
            self._change(request, object_id, form.cleaned_data)
            return HttpResponseRedirect(_list())
        return model_page(
            self, request, "change.html", state.task.title, state=state, form=form
        )

    def run_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Book one run now; on POST only."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        title = _state_of(name).task.title
        try:
            ask_for_run(name=name, asked_by=request.user.get_username())
        except AlreadyRunningError:
            said = _("“%(task)s” is running or about to run.")
            messages.warning(request, said % {"task": title})
        else:
            said = _("“%(task)s” runs as soon as a worker takes it.")
            messages.success(request, said % {"task": title})
        return HttpResponseRedirect(_list())

    def _change(self, request: HttpRequest, name: str, wanted: dict[str, Any]) -> None:
        schedule = change_schedule(
            name=name,
            is_enabled=wanted["is_enabled"],
            every=60 * wanted["every"],
            offset=60 * wanted["offset"],
        )
        LogEntry.objects.log_actions(
            user_id=str(request.user.pk),
            queryset=[schedule],
            action_flag=CHANGE,
            change_message=f"every {wanted['every']} min, on: {wanted['is_enabled']}",
            single_object=True,
        )
        messages.success(request, _("The schedule was changed."))


@admin.register(TaskExecutionRecord)
class TaskExecutionRecordAdmin(NewestFirstAdmin):
    """What became of each run."""

    list_display = ("task", "slot", "state", "duration_ms", "summary", "worker")
    list_filter = ("task", "status")

    @admin.display(description=gettext_lazy("status"))
    def state(self, record: TaskExecutionRecord) -> SafeString:
        look = "bad" if record.error else "good"
        is_over = record.status not in (RunStatus.WAITING, RunStatus.RUNNING)
        return badge(RunStatus(record.status).label, look if is_over else "plain")


def _state_of(name: str) -> TaskState:
    state = next((s for s in task_states() if s.task.name == name), None)
    if state is None:
        raise Http404
    return state


def _initial(name: str) -> dict[str, object]:
    schedule = Schedule.objects.filter(pk=name).first()
    task = _state_of(name).task
    return {
        "is_enabled": schedule.is_enabled if schedule else True,
        "every": (schedule.every_seconds if schedule else task.every) // 60,
        "offset": (schedule.offset_seconds if schedule else task.offset) // 60,
    }


def _list() -> str:
    return reverse("admin:channels_app_schedule_changelist")
