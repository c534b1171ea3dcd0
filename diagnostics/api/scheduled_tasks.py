"""GET /health/scheduled-tasks: open, so that a monitor can see what did not run."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from channels_app.selectors.schedules import TaskState, task_states
from diagnostics.api import schema
from diagnostics.api.health import OpenView


class ScheduledTasksView(OpenView):
    """Names, times and outcomes only: reasons may tell too much to strangers."""

    @extend_schema(
        operation_id="get_scheduled_tasks",
        summary="Say how the scheduled tasks fare",
        auth=[],
        responses={200: OpenApiResponse(schema.SCHEDULED_TASKS, "Each by its name.")},
    )
    def get(self, request: Request) -> JsonResponse:
        tasks = {state.task.name: _row(state) for state in task_states()}
        body = {"timestamp": timezone.now().isoformat(), "tasks": tasks}
        response = JsonResponse(body)
        response["Cache-Control"] = "no-store"
        return response


def _row(state: TaskState) -> dict[str, Any]:
    last = state.last
    return {
        "status": _status(state),
        "lastRun": last.started_at if last else None,
        "nextRun": state.next_run,
        "lastStatus": last.status if last else None,
        "lastDuration": last.duration_ms if last else None,
        "successRate": state.success_rate,
    }


def _status(state: TaskState) -> str:
    if state.is_running:
        return "running"
    return "scheduled" if state.is_enabled else "off"
