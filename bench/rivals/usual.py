"""The usual way: Django REST framework, serializers, and rows by the ORM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.models import ApiClient, NotificationLog, UserConfig
from channels_app.models.ids import new_message_id


class ContentSerializer(serializers.Serializer[Mapping[str, Any]]):
    """The caller's own content."""

    subject = serializers.CharField(required=False, default="")
    content = serializers.CharField()


class NotificationSerializer(serializers.Serializer[Mapping[str, Any]]):
    """One notification as callers write it."""

    user_id = serializers.CharField(max_length=100)
    channels = serializers.ListField(
        child=serializers.ChoiceField(["lark", "slack", "telegram", "webhook"])
    )
    custom_content = ContentSerializer()
    metadata = serializers.DictField(required=False, default=dict)


class BatchSerializer(serializers.Serializer[Mapping[str, Any]]):
    """Many of them."""

    notifications = NotificationSerializer(many=True)


class SendView(APIView):
    """Accepts one notification."""

    def post(self, request: Request) -> Response:
        serializer = NotificationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            spend(str(request.auth))
            logs = logs_of(serializer.validated_data)
            for log in logs:
                log.save(force_insert=True)
        return accepted(logs)


class SendBatchView(APIView):
    """Accepts a batch."""

    def post(self, request: Request) -> Response:
        serializer = BatchSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            spend(str(request.auth))
            logs = logs_of_batch(serializer.validated_data["notifications"])
            NotificationLog.objects.bulk_create(logs)
        return accepted(logs)


def spend(signature: str) -> None:
    """Keep a signature, so that it is good once; there is no model for it."""
    expires_at = timezone.now() + timedelta(minutes=11)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO used_signatures (digest, expires_at) VALUES (%s, %s)",
            [signature, expires_at],
        )


def logs_of(asked: Mapping[str, Any]) -> list[NotificationLog]:
    """Return the rows of a notification, unsaved."""
    client = ApiClient.objects.get(key_id="default")
    configs = UserConfig.objects.filter(
        client=client,
        user_id=asked["user_id"],
        channel_type__in=asked["channels"],
        is_active=True,
    )
    return [_log(asked, config) for config in configs]


def logs_of_batch(many: Sequence[Mapping[str, Any]]) -> list[NotificationLog]:
    """Return the rows of many notifications, unsaved; all configs by one query."""
    client = ApiClient.objects.get(key_id="default")
    configs = UserConfig.objects.filter(
        client=client, user_id__in={one["user_id"] for one in many}, is_active=True
    )
    found = {(config.user_id, config.channel_type): config for config in configs}
    return [
        _log(one, config)
        for one in many
        for channel in one["channels"]
        if (config := found.get((one["user_id"], channel)))
    ]


def _log(asked: Mapping[str, Any], config: UserConfig) -> NotificationLog:
    now = timezone.now()
    return NotificationLog(
        message_id=new_message_id(),
        client_id=config.client_id,
        config=config,
        user_id=config.user_id,
        channel_type=config.channel_type,
        subject=asked["custom_content"]["subject"],
        content=asked["custom_content"]["content"],
        metadata=asked["metadata"],
        guarantee=config.guarantee,
        created_at=now,
        next_attempt_at=now,
    )


def accepted(logs: Sequence[NotificationLog]) -> Response:
    """Answer with the new rows."""
    results = [{"messageId": log.message_id, "logId": log.pk} for log in logs]
    return Response({"success": True, "results": results}, status=202)
