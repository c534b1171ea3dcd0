"""The API of channel configs: list, save, replace, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.inputs import body_as, client_of, missing, query_of
from channels_app.models import ApiClient, Guarantee, Scope, UserConfig
from channels_app.selectors.configs import config_of, configs_of, masked_data
from channels_app.selectors.visibility import may_reach
from channels_app.services.client_users import require_user
from channels_app.services.config_checks import (
    ConfigInput,
    check_user_id,
    require_known_channel,
)
from channels_app.services.configs import (
    SavedConfig,
    delete_config,
    delete_configs,
    replace_configs,
    save_config,
)
from channels_app.services.refusals import RequestRefusedError
from templates_app.json_schema import INTEGER, STRING, form, list_of, record

LONGEST_USER_ID = 100
LONGEST_CHANNEL = 20
MOST_CONFIGS = 100

_USER = OpenApiParameter("user_id", str, description="Whose configs.")
_CHANNEL = OpenApiParameter("channel_type", str, description="Of which channel.")
_SAVE_BODY = schema.body(
    "user_id",
    "channel_type",
    "config_data",
    user_id=STRING,
    channel_type=schema.CHANNEL,
    **schema.CONFIG_FIELDS,
)
_REPLACE_BODY = schema.body(
    "configs",
    configs=list_of(
        form(
            "channel_type",
            "config_data",
            channel_type=schema.CHANNEL,
            **schema.CONFIG_FIELDS,
        )
    ),
)
_REPLACED = schema.answers(
    {
        **schema.SAVED_CONFIG,
        "data": list_of(schema.CONFIG),
        "meta": record(total=INTEGER),
    }
)
_SAVED = schema.answers(schema.SAVED_CONFIG) | schema.answers(
    schema.SAVED_CONFIG, status=201
)


class ConfigBody(msgspec.Struct):
    """One config as callers write it. Other fields are ignored."""

    user_id: str | None = None
    channel_type: str | None = None
    config_data: dict[str, Any] | None = None
    config: dict[str, Any] | None = None
    is_active: bool | None = None
    guarantee: Guarantee | None = None

    def data(self) -> Mapping[str, Any]:
        found = self.config if self.config_data is None else self.config_data
        if found is None:
            raise missing("config_data")
        return found

    def as_input(self, channel_type: str) -> ConfigInput:
        return ConfigInput(channel_type, self.data(), self.is_active, self.guarantee)


class ConfigsBody(msgspec.Struct):
    """All configs of one user."""

    configs: Annotated[list[ConfigBody], msgspec.Meta(max_length=MOST_CONFIGS)]


class ConfigsView(APIView):
    """`/api/user-configs`."""

    required_scope = Scope.CONFIGS

    @extend_schema(
        operation_id="list_configs",
        summary="List channel configs, secrets masked",
        parameters=[_USER, _CHANNEL],
        responses=schema.CONFIGS,
    )
    def get(self, request: Request) -> Response:
        query = query_of(request)
        channel_type = query.text("channel_type", LONGEST_CHANNEL)
        if channel_type is not None:
            require_known_channel(channel_type)
        configs = configs_of(
            client_of(request),
            user_id=query.text("user_id", LONGEST_USER_ID),
            channel_type=channel_type,
        )
        rows = [config_row(config) for config in configs]
        return Response({"success": True, "data": rows, "meta": {"total": len(rows)}})

    @extend_schema(
        operation_id="save_config",
        summary="Create or update a channel config",
        request=_SAVE_BODY,
        responses=_SAVED,
    )
    def post(self, request: Request) -> Response:
        body = body_as(request, ConfigBody)
        if not body.user_id:
            raise missing("user_id")
        if not body.channel_type:
            raise missing("channel_type")
        require_user(client_of(request), body.user_id)
        return _saved(client_of(request), body.user_id, body.channel_type, body)

    @extend_schema(
        operation_id="delete_configs",
        summary="Delete a user's channel configs",
        parameters=[_USER, _CHANNEL],
        responses=schema.answers(schema.MESSAGE, 404),
    )
    def delete(self, request: Request) -> Response:
        query = query_of(request)
        count = delete_configs(
            client=client_of(request),
            user_id=query.required_text("user_id", LONGEST_USER_ID),
            channel_type=query.text("channel_type", LONGEST_CHANNEL),
        )
        if not count:
            raise _no_config()
        message = _("Configs deleted: %(count)d.") % {"count": count}
        return Response({"success": True, "message": message})


class UserConfigsView(APIView):
    """`/api/users/{user_id}/configs`."""

    required_scope = Scope.CONFIGS

    @extend_schema(
        operation_id="list_configs_of_user",
        summary="List a user's channel configs",
        responses=schema.CONFIGS,
    )
    def get(self, request: Request, user_id: str) -> Response:
        check_user_id(user_id)
        configs = configs_of(client_of(request), user_id=user_id)
        rows = [config_row(config) for config in configs]
        return Response({"success": True, "data": rows, "meta": {"total": len(rows)}})

    @extend_schema(
        operation_id="replace_configs",
        summary="Replace all channel configs of a user",
        request=_REPLACE_BODY,
        responses=_REPLACED,
    )
    def put(self, request: Request, user_id: str) -> Response:
        _require_known(client_of(request), user_id)
        if "configs" not in request.data:
            raise missing("configs")
        body = body_as(request, ConfigsBody)
        saved = replace_configs(
            client=client_of(request),
            user_id=user_id,
            configs=[item.as_input(item.channel_type or "") for item in body.configs],
        )
        return Response(
            {
                "success": True,
                "message": _("The configs of the user were replaced."),
                "data": [config_row(item.config) for item in saved],
                "warnings": [text for item in saved for text in item.warnings],
                "meta": {"total": len(saved)},
            }
        )


class UserConfigView(APIView):
    """`/api/users/{user_id}/configs/{channel}`."""

    required_scope = Scope.CONFIGS

    @extend_schema(
        operation_id="get_config",
        summary="Show one channel config",
        responses=schema.answers({"data": schema.CONFIG}, 404),
    )
    def get(self, request: Request, user_id: str, channel: str) -> Response:
        config = _found(client_of(request), user_id, channel)
        return Response({"success": True, "data": config_row(config)})

    @extend_schema(
        operation_id="put_config",
        summary="Create or update one channel config",
        request=schema.body("config_data", **schema.CONFIG_FIELDS),
        responses=_SAVED,
    )
    def put(self, request: Request, user_id: str, channel: str) -> Response:
        _require_known(client_of(request), user_id)
        body = body_as(request, ConfigBody)
        return _saved(client_of(request), user_id, channel, body)

    @extend_schema(
        operation_id="delete_config",
        summary="Delete one channel config",
        responses=schema.answers(schema.MESSAGE, 404),
    )
    def delete(self, request: Request, user_id: str, channel: str) -> Response:
        delete_config(config=_found(client_of(request), user_id, channel))
        return Response({"success": True, "message": _("The config was deleted.")})


def config_row(config: UserConfig) -> dict[str, Any]:
    """Return a config as the API shows it, secrets masked."""
    return {
        "id": config.pk,
        "user_id": config.user_id,
        "channel_type": config.channel_type,
        "config_data": masked_data(config),
        "is_active": config.is_active,
        "disabled_reason": config.disabled_reason or None,
        "guarantee": config.guarantee,
        "created_at": config.created_at,
        "updated_at": config.updated_at,
    }


def _saved(
    client: ApiClient, user_id: str, channel_type: str, body: ConfigBody
) -> Response:
    saved = save_config(
        client=client,
        user_id=user_id,
        channel_type=channel_type,
        data=body.data(),
        is_active=body.is_active,
        guarantee=body.guarantee,
    )
    return Response(_answer(saved), status=201 if saved.created else 200)


def _answer(saved: SavedConfig) -> dict[str, Any]:
    created, updated = _("The config was created."), _("The config was updated.")
    return {
        "success": True,
        "message": created if saved.created else updated,
        "data": config_row(saved.config),
        "warnings": list(saved.warnings),
    }


def _found(client: ApiClient, user_id: str, channel: str) -> UserConfig:
    check_user_id(user_id)
    require_known_channel(channel)
    config = config_of(client, user_id=user_id, channel_type=channel)
    if config is None:
        raise _no_config()
    return config


def _require_known(client: ApiClient, user_id: str) -> None:
    """Answer as for a path that is not there, when the user is out of reach."""
    if not may_reach(client, user_id):
        raise RequestRefusedError(
            "NOT_FOUND",
            _("There is no such user for this API client."),
            hint=_("Check user_id; a client may be for certain users only."),
        )


def _no_config() -> RequestRefusedError:
    return RequestRefusedError(
        "NOT_FOUND",
        _("The user has no such channel config."),
        hint=_("Check user_id and channel_type; GET /api/user-configs lists them."),
    )
