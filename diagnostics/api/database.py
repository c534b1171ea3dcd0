"""The schema of the database over HTTP: is it whole, and migrate it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from diagnostics.api import schema
from diagnostics.services.database_schema import SchemaState, migrate, schema_state


class MigrateBody(serializers.Serializer[dict[str, Any]]):
    """What to do about migrations that are not applied."""

    dryRun = serializers.BooleanField(default=False)  # noqa: N815 - the wire's name
    force = serializers.BooleanField(default=False)


class SchemaStateView(APIView):
    """`/api/db/schema`."""

    required_scope = "admin"

    @extend_schema(
        operation_id="get_database_schema",
        summary="Say which tables and migrations are missing",
        responses={200: OpenApiResponse(schema.DATABASE, "What was found.")},
    )
    def get(self, request: Request) -> Response:
        return Response({"success": True, "data": _data(schema_state())})


class MigrateView(APIView):
    """`/api/db/migrate`."""

    required_scope = "admin"

    @extend_schema(
        operation_id="migrate_database",
        summary="Apply the migrations that are missing",
        request=schema.MIGRATE_BODY,
        responses={
            200: OpenApiResponse(schema.MIGRATED, "What was done, and what is left."),
            409: OpenApiResponse(description="In production `force` is needed."),
        },
    )
    def post(self, request: Request) -> Response:
        """Migrate; with `dryRun` only say what would be applied."""
        given = request.data if isinstance(request.data, dict) else {}
        body = MigrateBody(data=given)
        body.is_valid(raise_exception=True)
        options = body.validated_data
        applied = migrate(is_dry=options["dryRun"], is_forced=options["force"])
        data = _data(schema_state()) | {
            "applied": list(applied),
            "dryRun": options["dryRun"],
        }
        return Response({"success": True, "data": data})


def _data(state: SchemaState) -> dict[str, Any]:
    return {
        "isValid": state.is_valid,
        "missingTables": list(state.missing_tables),
        "pendingMigrations": list(state.pending_migrations),
    }
