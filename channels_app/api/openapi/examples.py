"""A request and an answer of each operation, as they go over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Example = dict[str, Any]

_AT = "2026-01-31T09:30:00.120000Z"
_LATER = "2026-01-31T09:30:00.480000Z"
_MESSAGE_ID = "019c138c-6c40-7d8a-9f3e-2b1a0c9d8e7f"
_REQUEST_ID = "5f0c1d7f8e6b4a0f9d3c2b1a00112233"
_SENT_TO: Example = {"user_id": "u1", "channel_type": "telegram"}

_LOG: Example = {
    "id": 42,
    "message_id": _MESSAGE_ID,
    **_SENT_TO,
    "template_key": "deploy-done",
    "template_version": 3,
    "subject": "Deployed",
    "content": "shop 1.4.2 is live.",
    "status": "sent",
    "retry_count": 0,
    "error": None,
    "sent_at": _LATER,
    "created_at": _AT,
    "request_id": _REQUEST_ID,
}
_MESSAGE_LOG: Example = {
    **_LOG,
    "error_code": None,
    "metadata": {"build": 118},
    "attempts": 1,
    "may_duplicate": False,
    "is_corrected": False,
    "send_plain": False,
    "cancel_requested": False,
    "next_attempt_at": _AT,
    "expires_at": None,
    "settled_at": _LATER,
}
_RESULT: Example = {
    "channelType": "telegram",
    "status": "pending",
    "messageId": _MESSAGE_ID,
    "message_id": _MESSAGE_ID,
    "userId": "u1",
    "logId": 42,
}
_CONFIG_DATA: Example = {
    "bot_token": "123456:AAF-token-of-the-bot",
    "chat_id": "@deployments",
}
_CONFIG: Example = {
    "id": 7,
    **_SENT_TO,
    "config_data": {"bot_token": "123456:****", "chat_id": "@deployments"},
    "is_active": True,
    "disabled_reason": None,
    "guarantee": "at_least_once",
    "created_at": _AT,
    "updated_at": _AT,
}
_SAVED_CONFIG: Example = {
    "success": True,
    "message": "The config was created.",
    "data": _CONFIG,
    "warnings": [],
}
_CONFIGS: Example = {"success": True, "data": [_CONFIG], "meta": {"total": 1}}
_TEMPLATE: Example = {
    "template_key": "deploy-done",
    "template_name": "Deployment done",
    "description": "",
    "variables": ["service", "version"],
    "is_active": True,
    "supported_channels": ["telegram"],
    "version": 3,
    "undefined": "keep",
    "sample_variables": {"service": "shop", "version": "1.4.2"},
    "created_at": _AT,
    "updated_at": _AT,
}
_CONTENT: Example = {
    "content_type": "text",
    "subject_template": "Deployed",
    "content_template": "{{ service }} {{ version }} is live.",
}
_TEMPLATE_BODY: Example = {
    "name": "Deployment done",
    "variables": ["service", "version"],
    "contents": {"telegram": _CONTENT},
}
_SHOWN_TEMPLATE: Example = {
    "success": True,
    "data": {
        "template": _TEMPLATE,
        "contents": [{"channel_type": "telegram", **_CONTENT}],
    },
}
_SAVED_TEMPLATE: Example = {
    "success": True,
    "message": "The template was updated.",
    "warnings": [],
    "data": {"template_key": "deploy-done", "version": 3},
}
_UNUSED_TEMPLATE: Example = {
    "success": True,
    "message": "The template is out of use; its versions are kept.",
}
_STATE: Example = {
    "success": True,
    "data": {
        "message_id": _MESSAGE_ID,
        "messageId": _MESSAGE_ID,
        "status": "sent",
        "cancel_requested": False,
        "log": _MESSAGE_LOG,
    },
}
_SEND: Example = {
    "user_id": "u1",
    "channels": ["telegram"],
    "template_key": "deploy-done",
    "variables": {"service": "shop", "version": "1.4.2"},
    "idempotency_key": "deploy-118",
}

REQUESTS: Mapping[str, Example] = {
    "send_notification": _SEND,
    "send_notification_batch": {
        "notifications": [
            _SEND,
            {"user_id": "u2", "custom_content": {"content": "Hello"}},
        ]
    },
    "retry_failed": {"channel": "telegram", "since": "2026-01-31", "dry_run": True},
    "save_config": {**_SENT_TO, "config_data": _CONFIG_DATA},
    "put_config": {"config_data": _CONFIG_DATA},
    "replace_configs": {
        "configs": [{"channel_type": "telegram", "config_data": _CONFIG_DATA}]
    },
    "save_template": {"key": "deploy-done", **_TEMPLATE_BODY},
    "replace_template": {"key": "deploy-done", **_TEMPLATE_BODY},
    "save_template_by_key": _TEMPLATE_BODY,
    "replace_template_by_key": _TEMPLATE_BODY,
    "save_template_content": _CONTENT,
    "replace_template_content": _CONTENT,
    "render_template": {
        "channel": "telegram",
        "variables": {"service": "shop", "version": "1.4.2"},
    },
    "clean_up_logs": {"days": 90},
    "clear_retries": {"taskIds": [42, _MESSAGE_ID], "markAsFailed": True},
    "clear_queue": {"states": ["retrying"], "older_than": 3600, "dry_run": True},
    "migrate_database": {"dryRun": True},
    "run_scheduled_task": {"task": "retention"},
}

ANSWERS: Mapping[tuple[str, int], Example] = {
    ("send_notification", 202): {
        "success": True,
        "request_id": _REQUEST_ID,
        "results": [_RESULT],
    },
    ("send_notification_batch", 202): {
        "success": True,
        "request_id": _REQUEST_ID,
        "results": [
            {"index": 0, "success": True, "results": [_RESULT]},
            {
                "index": 1,
                "success": False,
                "error": "The user has no channel that this notification could go to.",
                "code": "USER_NO_CHANNELS",
                "hint": "Add or activate a channel config for the user.",
            },
        ],
        "accepted": 1,
        "rejected": 1,
    },
    ("get_message", 200): {
        "success": True,
        "data": {
            "log": _MESSAGE_LOG,
            "timeline": [
                {"at": _AT, "event": "accepted", "text": "Accepted and stored."},
                {
                    "at": _LATER,
                    "event": "sent",
                    "text": "Settled: sent.",
                    "error_code": None,
                },
            ],
            "explanation": None,
        },
    },
    ("cancel_message", 200): _STATE,
    ("resend_message", 200): _STATE,
    ("retry_failed", 200): {
        "success": True,
        "data": {
            "queued": 17,
            "total_failed": 20,
            "message": "17 of 20 failed deliveries are queued again.",
        },
    },
    ("list_logs", 200): {
        "success": True,
        "data": {
            "logs": [_LOG],
            "total": 1,
            "total_is_exact": True,
            "limit": 100,
            "offset": 0,
            "next_cursor": None,
        },
    },
    ("delete_log", 200): {
        "success": True,
        "message": "The log was deleted.",
        "deletedLog": {"id": 42, "user_id": "u1", "created_at": _AT},
    },
    ("clean_up_logs", 200): {
        "success": True,
        "data": {"deleted_count": 120, "before": _AT, "has_more": False},
    },
    ("list_configs", 200): _CONFIGS,
    ("list_configs_of_user", 200): _CONFIGS,
    ("get_config", 200): {"success": True, "data": _CONFIG},
    ("save_config", 201): _SAVED_CONFIG,
    ("save_config", 200): {**_SAVED_CONFIG, "message": "The config was updated."},
    ("put_config", 201): _SAVED_CONFIG,
    ("put_config", 200): {**_SAVED_CONFIG, "message": "The config was updated."},
    ("replace_configs", 200): {
        "success": True,
        "message": "The configs of the user were replaced.",
        "data": [_CONFIG],
        "warnings": [],
        "meta": {"total": 1},
    },
    ("delete_configs", 200): {"success": True, "message": "2 configs deleted."},
    ("delete_config", 200): {"success": True, "message": "The config was deleted."},
    ("list_templates", 200): {
        "success": True,
        "data": [_TEMPLATE],
        "meta": {"total": 1, "limit": 1000, "offset": 0},
    },
    ("get_template_by_key", 200): _SHOWN_TEMPLATE,
    ("save_template", 200): _SAVED_TEMPLATE,
    ("replace_template", 200): _SAVED_TEMPLATE,
    ("save_template_by_key", 200): _SAVED_TEMPLATE,
    ("replace_template_by_key", 200): _SAVED_TEMPLATE,
    ("save_template_content", 200): _SAVED_TEMPLATE,
    ("replace_template_content", 200): _SAVED_TEMPLATE,
    ("delete_template", 200): _UNUSED_TEMPLATE,
    ("delete_template_by_key", 200): _UNUSED_TEMPLATE,
}
