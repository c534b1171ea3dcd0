from typing import Any

import pytest

from channels_app.models import Scope, UserConfig
from tests.channels_app.rows import (
    BOT_TOKEN,
    LARK_URL,
    default_client,
    make_client,
    make_config,
    secret_of,
)
from tests.conftest import Answer, Signed

pytestmark = pytest.mark.django_db

TELEGRAM = {"bot_token": BOT_TOKEN, "chat_id": "-100123"}
BODY = {"user_id": "u1", "channel_type": "telegram", "config_data": TELEGRAM}
ROW_FIELDS = {
    "id",
    "user_id",
    "channel_type",
    "config_data",
    "is_active",
    "created_at",
    "updated_at",
}


@pytest.mark.parametrize("field", ["config_data", "config"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_config_is_created_then_updated(
    signed: Signed, field: str, slash: str
) -> None:
    body = {"user_id": "u1", "channel_type": "telegram", field: TELEGRAM}
    created = signed("POST", f"/api/user-configs{slash}", body)
    updated = signed("POST", f"/api/user-configs{slash}", body)
    assert (created.status_code, updated.status_code) == (201, 200)
    data = created.json()["data"]
    assert set(data) >= ROW_FIELDS
    assert data["config_data"]["bot_token"] == "123456:****"
    assert data["created_at"].endswith("Z")
    assert UserConfig.objects.get().config_data()["bot_token"] == BOT_TOKEN


def test_the_list_masks_secrets_and_filters(signed: Signed) -> None:
    client = default_client()
    make_config(client, "u1")
    make_config(client, "u2")
    answer = signed("GET", "/api/user-configs?user_id=u1&channel_type=lark").json()
    assert answer["meta"] == {"total": 1}
    assert answer["data"][0]["user_id"] == "u1"
    assert answer["data"][0]["config_data"]["webhook_url"] == (
        "https://open.larksuite.com/****"
    )
    assert "f00-ba4" not in str(signed("GET", "/api/user-configs").json())


def test_one_config_by_its_address(signed: Signed) -> None:
    path = "/api/users/u%201/configs/telegram"
    assert signed("GET", path).status_code == 404
    assert signed("PUT", path, {"config_data": TELEGRAM}).status_code == 201
    shown = signed("GET", path).json()["data"]
    assert shown["user_id"] == "u 1"
    again = signed("PUT", path, {"config_data": shown["config_data"]})
    assert again.status_code == 200
    assert UserConfig.objects.get().config_data()["bot_token"] == BOT_TOKEN
    assert signed("DELETE", path).json()["success"] is True
    assert signed("DELETE", path).status_code == 404


def test_all_configs_of_a_user_are_replaced_at_once(signed: Signed) -> None:
    make_config(default_client(), "u1")
    configs = [
        {"channel_type": "telegram", "config_data": TELEGRAM},
        {
            "channel_type": "slack",
            "config": {"webhook_url": "https://hooks.slack.com/services/T0/B0/x"},
            "is_active": False,
        },
    ]
    answer = signed("PUT", "/api/users/u1/configs", {"configs": configs})
    assert answer.status_code == 200
    listed = signed("GET", "/api/users/u1/configs").json()["data"]
    assert {(row["channel_type"], row["is_active"]) for row in listed} == {
        ("telegram", True),
        ("slack", False),
    }


def test_a_replacement_with_a_bad_config_changes_nothing(signed: Signed) -> None:
    make_config(default_client(), "u1")
    configs = [{"channel_type": "telegram", "config_data": {"chat_id": "1"}}]
    answer = signed("PUT", "/api/users/u1/configs", {"configs": configs})
    assert answer.status_code == 400
    assert "configs[0].bot_token" in answer.json()["details"]
    assert UserConfig.objects.get().channel_type == "lark"


def test_configs_are_deleted_by_query(signed: Signed) -> None:
    make_config(default_client(), "u1")
    path = "/api/user-configs?user_id=u1&channel_type=lark"
    assert signed("DELETE", path).json() == {
        "success": True,
        "message": "Configs deleted: 1.",
    }
    assert signed("DELETE", path).json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_PARAMETER"),
        ({**BODY, "user_id": ""}, "MISSING_PARAMETER"),
        ({**BODY, "config_data": None}, "MISSING_PARAMETER"),
        ({**BODY, "user_id": 5}, "INVALID_PARAMETER"),
        ({**BODY, "user_id": "x" * 101}, "INVALID_PARAMETER"),
        ({**BODY, "user_id": "a\nb"}, "INVALID_PARAMETER"),
        ({**BODY, "is_active": "maybe"}, "INVALID_PARAMETER"),
        ({**BODY, "guarantee": "hope"}, "INVALID_PARAMETER"),
        ({**BODY, "config_data": "x"}, "INVALID_PARAMETER"),
        ({**BODY, "config_data": {}}, "INVALID_PARAMETER"),
        ({**BODY, "channel_type": "pigeon"}, "INVALID_CHANNEL_TYPE"),
        ({**BODY, "channel_type": "x" * 500}, "INVALID_CHANNEL_TYPE"),
    ],
)
def test_a_bad_body_is_refused_with_a_code(
    signed: Signed, body: dict[str, Any], code: str
) -> None:
    answer = signed("POST", "/api/user-configs", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert isinstance(answer.json()["error"], str)
    assert not UserConfig.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/user-configs?user_id=%00", 400),
        ("GET", "/api/user-configs?user_id=" + "x" * 101, 400),
        ("GET", "/api/user-configs?channel_type=pigeon", 400),
        ("DELETE", "/api/user-configs", 400),
        ("DELETE", "/api/user-configs?user_id=nobody", 404),
        ("GET", "/api/users/%00/configs", 400),
        ("GET", "/api/users/u1/configs/pigeon", 400),
        ("PUT", "/api/users/u1/configs", 400),
        ("PATCH", "/api/user-configs", 405),
    ],
)
def test_a_bad_address_is_refused(
    signed: Signed, method: str, path: str, status: int
) -> None:
    answer = signed(method, path)
    assert answer.status_code == status
    assert answer.json()["success"] is False


def test_a_client_sees_and_touches_its_own_configs_only(signed: Signed) -> None:
    make_client("other")
    make_config(default_client(), "u1")

    def as_other(method: str, path: str, body: object = None) -> Answer:
        return signed(method, path, body, secret=secret_of("other"), key_id="other")

    assert as_other("GET", "/api/user-configs").json()["data"] == []
    path = "/api/users/u1/configs/lark"
    assert as_other("GET", path).status_code == 404
    assert as_other("DELETE", path).status_code == 404
    body = {"config": {"webhook_url": LARK_URL}}
    assert as_other("PUT", path, body).status_code == 201
    assert UserConfig.objects.count() == 2


def test_the_scope_is_required(signed: Signed) -> None:
    make_client("reader", [Scope.LOGS])
    answer = signed(
        "GET",
        "/api/user-configs",
        secret=secret_of("reader"),
        key_id="reader",
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
