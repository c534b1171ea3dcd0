"""The sandbox over the network: what only a socket can show."""

import http.client
import json
import socket

import pytest

from diagnostics.sandbox.server import RunningSandbox, start_in_thread
from diagnostics.sandbox.switchboard import is_loopback
from tests.diagnostics.sandbox.conftest import Caller

TEXT = {"msg_type": "text", "content": {"text": "hi 张三"}}
HOOK = "/lark/hook/demo-token"
CHAT = "/telegram/bot123456:sandbox-token/sendMessage"


def message_fields(sandbox: RunningSandbox) -> list[tuple[str, bool, int, str]]:
    return [
        (kept.misbehaviour, kept.accepted, kept.status, kept.code)
        for kept in sandbox.inbox.messages()
    ]


def test_a_connection_is_kept_alive(caller: Caller, sandbox: RunningSandbox) -> None:
    caller.call("POST", HOOK, TEXT)
    first = caller.connection.sock
    caller.call("POST", HOOK, TEXT)
    assert caller.connection.sock is first
    assert len(sandbox.inbox.messages()) == 2


def test_a_message_is_in_the_inbox_before_its_answer(
    caller: Caller, sandbox: RunningSandbox
) -> None:
    answer = caller.call(
        "POST", f"{HOOK}?sign=0123456789", TEXT, {"Authorization": "Bearer 012345"}
    )
    assert answer.status == 200
    [message] = sandbox.inbox.messages()
    assert message.path == "/lark/hook/demo***?sign=0123***"
    assert dict(message.headers)["authorization"] == "Bear***"
    assert message.seen.text == "hi 张三"
    assert (message.accepted, message.status, message.code) == (True, 200, "0")


def test_every_provider_answers_at_its_address(caller: Caller) -> None:
    assert caller.call("POST", HOOK, TEXT).status == 200
    assert caller.call("POST", CHAT, {"chat_id": 1, "text": "a"}).status == 200
    encoded = CHAT.replace(":", "%3A")
    assert caller.call("GET", f"{encoded}?chat_id=1&text=a").status == 200
    assert caller.call("POST", "/slack/services/T/B/demo", {"text": "a"}).text == "ok"
    assert caller.call("PATCH", "/webhook/orders", {"a": 1}).status == 200


def test_a_chunked_body_is_read(caller: Caller, sandbox: RunningSandbox) -> None:
    caller.connection.request(
        "POST", "/webhook/orders", iter([b'{"a"', b": 1}"]), encode_chunked=True
    )
    answer = caller.connection.getresponse()
    answer.read()
    assert answer.status == 200
    assert sandbox.inbox.messages()[0].body == '{"a": 1}'


@pytest.mark.parametrize("length", [str(2 * 1024 * 1024), "many", "-1"])
def test_a_body_that_cannot_be_taken_is_refused(caller: Caller, length: str) -> None:
    answer = caller.call("POST", "/webhook/a", None, {"Content-Length": length})
    assert answer.status == 413


@pytest.mark.parametrize(
    ("path", "status", "code", "header"),
    [
        (HOOK, 200, "11232", None),
        (CHAT, 429, "429", "7"),
        ("/slack/services/T/B/demo", 429, "rate_limited", "7"),
        ("/webhook/orders", 429, "rate_limited", "7"),
    ],
)
def test_too_many_requests_in_each_providers_way(
    caller: Caller,
    sandbox: RunningSandbox,
    path: str,
    status: int,
    code: str,
    header: str | None,
) -> None:
    sandbox.behaviour.set(path.split("/")[1], "rate_limited", seconds=7)
    answer = caller.call("POST", path, {"text": "a", "chat_id": 1})
    assert answer.status == status
    assert answer.headers.get("Retry-After") == header
    assert message_fields(sandbox) == [("rate_limited", False, status, code)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (HOOK, 200, "19021"),
        (CHAT, 403, "403"),
        ("/slack/services/T/B/demo", 403, "action_prohibited"),
        ("/webhook/orders", 422, "unprocessable"),
    ],
)
def test_a_refusal_in_each_providers_way(
    caller: Caller, sandbox: RunningSandbox, path: str, status: int, code: str
) -> None:
    sandbox.behaviour.set(path.split("/")[1], "refused", count=1)
    assert caller.call("POST", path, {"text": "a", "chat_id": 1}).status == status
    assert message_fields(sandbox) == [("refused", False, status, code)]


@pytest.mark.parametrize(
    "path", [HOOK, CHAT, "/slack/services/T/B/demo", "/webhook/orders"]
)
def test_a_server_error_lasts_as_many_requests_as_told(
    caller: Caller, sandbox: RunningSandbox, path: str
) -> None:
    sandbox.behaviour.set(path.split("/")[1], "server_error", count=1)
    content = {**TEXT, "text": "a", "chat_id": 1}
    assert caller.call("POST", path, content).status == 500
    assert caller.call("POST", path, content).status == 200


def test_a_hanging_provider_takes_the_message_and_says_nothing(
    caller: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.behaviour.set("lark", "hang", count=1, seconds=0.05)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.call("POST", HOOK, TEXT)
    assert message_fields(sandbox) == [("hang", True, 0, "0")]


def test_stopping_ends_what_hangs() -> None:
    running = start_in_thread()
    running.behaviour.set("lark", "hang")
    connection = http.client.HTTPConnection(running.url[7:], timeout=10)
    connection.request("POST", HOOK, "{}")
    running.inbox.wait_until(bool)
    running.stop()
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()


def test_a_reset_is_a_reset(caller: Caller, sandbox: RunningSandbox) -> None:
    sandbox.behaviour.set("lark", "reset", count=1)
    with pytest.raises(ConnectionResetError):
        caller.call("POST", HOOK, TEXT)
    assert message_fields(sandbox) == [("reset", True, 0, "0")]


def test_a_slow_answer_is_whole_in_the_end(
    caller: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.behaviour.set("lark", "slow", count=1, seconds=0.1)
    answer = caller.call("POST", HOOK, TEXT)
    assert isinstance(answer.json, dict)
    assert answer.json["code"] == 0


def test_a_redirect_leads_to_where_following_shows(
    caller: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.behaviour.set("lark", "redirect", count=1)
    answer = caller.call("POST", HOOK, TEXT)
    assert answer.status == 307
    assert answer.headers["Location"] == "/webhook/followed-redirect"
    assert message_fields(sandbox) == [("redirect", False, 307, "307")]


def test_garbage_is_neither_json_nor_text(
    caller: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.behaviour.set("telegram", "garbage", count=1)
    answer = caller.call("POST", CHAT, {"chat_id": 1, "text": "a"})
    assert answer.status == 200
    with pytest.raises(UnicodeDecodeError):
        json.loads(answer.body)


def test_a_huge_answer_is_megabytes(caller: Caller, sandbox: RunningSandbox) -> None:
    sandbox.behaviour.set("webhook", "huge", count=1)
    assert len(caller.call("POST", "/webhook/a", {}).body) == 5 * 1024 * 1024


def test_limits_hold_unless_turned_off(caller: Caller) -> None:
    codes = [caller.call("POST", HOOK, TEXT).json for _ in range(8)]
    assert all(isinstance(c, dict) and c["code"] == 0 for c in codes)
    limited = start_in_thread()
    with_limits = Caller(http.client.HTTPConnection(limited.url[7:], timeout=10))
    # However slow this machine is: 101 within a minute are too many by either rule.
    answers = [with_limits.call("POST", HOOK, TEXT).json for _ in range(101)]
    with_limits.connection.close()
    limited.stop()
    assert any(isinstance(a, dict) and a["code"] == 11232 for a in answers)


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("example.com", False),
    ],
)
def test_addresses_beyond_the_loopback_are_told_apart(
    host: str, is_private: bool
) -> None:
    assert is_loopback(host) is is_private


def test_only_the_loopback_is_listened_on(sandbox: RunningSandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")


def test_the_port_is_free_after_stopping() -> None:
    running = start_in_thread()
    port = int(running.url.rpartition(":")[2])
    running.stop()
    again = start_in_thread(port)
    again.stop()


def test_ipv6_loopback_can_be_listened_on() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    running = start_in_thread(host="::1")
    assert running.url.startswith("http://[::1]:")
    running.stop()
