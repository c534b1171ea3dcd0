"""The API of scheduled work: how the last runs went, and one run now."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.inputs import body_as, client_of, missing, query_of
from channels_app.models import RunStatus, Scope, TaskExecutionRecord
from channels_app.selectors.schedules import last_runs
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.scheduled_work import (
    AlreadyRunningError,
    UnknownTaskError,
    ask_for_run,
)
from templates_app.json_schema import INTEGER, STRING, TIME, list_of, or_null, record

MOST_RUNS = 1_000

_RUN = record(
    id=INTEGER,
    task=STRING,
    slot=TIME,
    status={"enum": list(RunStatus.values)},
    asked_by=STRING,
    worker=STRING,
    started_at=or_null(TIME),
    finished_at=or_null(TIME),
    duration_ms=or_null(INTEGER),
    summary=STRING,
    error=STRING,
)


class TriggerBody(msgspec.Struct):
    """Which task to run."""

    task: Annotated[str, msgspec.Meta(max_length=64)] = ""


class RunsView(APIView):
    """`/api/task-execution-records`."""

    required_scope = Scope.OPS

    @extend_schema(
        operation_id="list_task_runs",
        summary="Show the last runs of the scheduled tasks",
        parameters=[
            OpenApiParameter("task", str, description="Only this task's."),
            OpenApiParameter("limit", int, description="1 to 1,000; 100 by default."),
        ],
        responses=schema.answers({"data": list_of(_RUN)}),
    )
    def get(self, request: Request) -> Response:
        query = query_of(request)
        limit = query.number("limit", 1, MOST_RUNS) or 100
        runs = last_runs(query.text("task", 64), limit)
        return Response({"success": True, "data": [run_row(run) for run in runs]})


class TriggerView(APIView):
    """`/api/scheduled-tasks/trigger`."""

    required_scope = Scope.OPS

    @extend_schema(
        operation_id="run_scheduled_task",
        summary="Run one scheduled task now",
        description="A worker takes the run within seconds; the list of runs tells its end.",
        request=schema.body("task", task=STRING),
        responses=schema.answers(
            {"message": STRING, "data": _RUN}, 404, 409, status=202
        ),
    )
    def post(self, request: Request) -> Response:
        name = body_as(request, TriggerBody).task
        if not name:
            raise missing("task")
        try:
            run = ask_for_run(name=name, asked_by=client_of(request).key_id)
        except UnknownTaskError as error:
            raise RequestRefusedError(
                "NOT_FOUND", _("There is no scheduled task of that name.")
            ) from error
        except AlreadyRunningError as error:
            raise RequestRefusedError(
                "CONFLICT",
                _("The task is running or about to run."),
                hint=_("Wait until that run has ended; the list of runs shows it."),
            ) from error
        message = _("The task runs as soon as a worker takes it.")
        body = {"success": True, "message": message, "data": run_row(run)}
        return Response(body, status=202)


def run_row(run: TaskExecutionRecord) -> dict[str, Any]:
    """Return one run as JSON shows it."""
    return {
        "id": run.pk,
        "task": run.task,
        "slot": run.slot,
        "status": run.status,
        "asked_by": run.asked_by,
        "worker": run.worker,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "duration_ms": run.duration_ms,
        "summary": run.summary,
        "error": run.error,
    }
