"""The page and the API of the sandbox."""

import re

import pytest

from diagnostics.sandbox import pages
from diagnostics.sandbox.server import RunningSandbox
from tests.diagnostics.sandbox.conftest import Caller

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_it_is_alive(caller: Caller) -> None:
    assert caller.call("GET", "/livez").json == {"status": "ok"}


def test_messages_are_listed_newest_last_with_everything_about_them(
    caller: Caller,
) -> None:
    caller.call("POST", "/webhook/orders", {"a": 1}, {"X-Api-Key": "0123456789"})
    caller.call("POST", "/slack/services/T/B/demo", {"text": ""})
    messages = caller.call("GET", "/api/messages").json
    assert isinstance(messages, list)
    assert [m["id"] for m in messages] == [1, 2]
    first, last = messages
    assert first["headers"]["x-api-key"] == "0123***"
    assert first["body"] == '{"a": 1}'
    assert first["seen"]["notes"][1] == {"name": "json", "value": "valid"}
    assert (last["provider"], last["accepted"], last["status"]) == ("slack", False, 400)
    assert (last["code"], last["reason"]) == ("no_text", "no_text")


def test_messages_are_picked_by_provider_and_id(caller: Caller) -> None:
    for name in ("a", "b"):
        caller.call("POST", f"/webhook/{name}", {})
    since = caller.call("GET", "/api/messages?provider=webhook&since_id=1").json
    assert isinstance(since, list)
    assert [m["id"] for m in since] == [2]
    assert caller.call("GET", "/api/messages?provider=lark").json == []
    assert caller.call("GET", "/api/messages?since_id=x").status == 400


def test_messages_can_be_deleted(caller: Caller, sandbox: RunningSandbox) -> None:
    caller.call("POST", "/webhook/a", {})
    assert caller.call("DELETE", "/api/messages").status == 204
    assert sandbox.inbox.messages() == []


def test_behaviour_is_set_read_and_reset(caller: Caller) -> None:
    switch = {"mode": "hang", "count": 2, "seconds": 1.5}
    answer = caller.call("PUT", "/api/behaviour/lark", switch)
    assert answer.status == 200
    shown = caller.call("GET", "/api/behaviour").json
    assert isinstance(shown, dict)
    assert shown["lark"] == switch
    assert shown["slack"] == {"mode": "normal", "count": None, "seconds": None}
    reset = caller.call("DELETE", "/api/behaviour").json
    assert isinstance(reset, dict)
    assert reset["lark"]["mode"] == "normal"


@pytest.mark.parametrize(
    ("path", "content", "status", "code"),
    [
        ("/api/behaviour/pigeon", {"mode": "hang"}, 404, "unknown_provider"),
        ("/api/behaviour/lark", {"mode": "dance"}, 400, "bad_behaviour"),
        ("/api/behaviour/lark", b"{", 400, "not_json"),
        ("/api/elsewhere", {}, 404, "not_found"),
    ],
)
def test_a_wrong_call_is_told_what_would_be_right(
    caller: Caller, path: str, content: object, status: int, code: str
) -> None:
    answer = caller.call("PUT", path, content)
    assert answer.status == status
    assert isinstance(answer.json, dict)
    assert answer.json["code"] == code
    assert answer.json["hint"]


def test_the_revision_changes_when_the_page_would(caller: Caller) -> None:
    def revision() -> str:
        return caller.call("GET", "/api/messages").headers["X-Sandbox-Revision"]

    seen = [revision()]
    caller.call("POST", "/webhook/a", {})
    seen.append(revision())
    caller.call("PUT", "/api/behaviour/lark", {"mode": "refused"})
    seen.append(revision())
    caller.call("DELETE", "/api/messages")
    seen.append(revision())
    assert len(set(seen)) == 4


def test_the_page_loads_nothing_from_outside_and_runs_nothing_inline(
    caller: Caller,
) -> None:
    answer = caller.call("GET", "/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text
    assert not re.search(r"<script(?! src=\"files/)|\son\w+=", answer.text)
    loaded = re.findall(r"(?:src|href)=\"([^\"]+)\"", answer.text)
    assert not [address for address in loaded if ":" in address or "//" in address]
    for path in ("files/drawing.css", "files/sandbox.css", "files/sandbox.js"):
        assert path in loaded
        assert caller.call("GET", f"/{path}").status == 200


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/webhook/a", {"text": ATTACK}),
        ("/webhook/%3Cscript%3E", b"x"),
        ("/slack/services/T/B/demo", {"text": f"*{ATTACK}*"}),
        (
            "/lark/hook/demo",
            {
                "msg_type": "interactive",
                "card": {
                    "header": {
                        "title": {"tag": "plain_text", "content": ATTACK},
                        "template": '"><script>',
                    },
                    "elements": [{"tag": "markdown", "content": f"**{ATTACK}**"}],
                },
            },
        ),
        (
            "/telegram/bot123456:sandbox-token/sendMessage",
            {"chat_id": 1, "text": f"`{ATTACK}`", "parse_mode": "Markdown"},
        ),
        ("/telegram/bot123456:sandbox-token/sendMessage", {"chat_id": ATTACK}),
    ],
)
def test_nothing_that_arrives_can_run(
    caller: Caller, path: str, content: object
) -> None:
    caller.call("POST", path, content, {"X-Evil": ATTACK})
    for page in ("/", "/live"):
        text = caller.call("GET", page).text
        assert "&lt;script&gt;" in text
        assert not re.search(r"<script(?! src=\"files/)|<img", text)


def test_dangerous_addresses_are_not_links(caller: Caller) -> None:
    text = "<javascript:alert(1)|a> <https://x.y/|b>"
    caller.call("POST", "/slack/services/T/B/demo", {"text": text})
    page = caller.call("GET", "/").text
    assert 'href="https://x.y/"' in page
    assert 'href="javascript' not in page


def test_a_lone_surrogate_does_not_break_the_page(caller: Caller) -> None:
    content = {"msg_type": "text", "content": {"text": "a\ud800b"}}
    caller.call("POST", "/lark/hook/demo", content)
    assert caller.call("GET", "/").status == 200
    assert caller.call("GET", "/api/messages").status == 200


def test_a_refused_message_shows_reason_and_likely_cause(caller: Caller) -> None:
    caller.call("POST", "/lark/hook/gone", {})
    page = caller.call("GET", "/").text
    assert "19001" in page
    assert "incoming webhook access token invalid" in page
    assert "the bot was removed from its group" in page


@pytest.mark.parametrize(
    ("asked", "accept", "language"),
    [
        ("", "", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("", "fr;q=1,en;q=0.5,zh;q=0.4", "en"),
        ("zh-hans", "en", "zh-hans"),
        ("ZH-HANS", "en", "zh-hans"),
        ("en", "zh-CN", "en"),
        ("xx", "zh-CN", "zh-hans"),
        ("", "@@@", "en"),
    ],
)
def test_the_language_is_chosen(asked: str, accept: str, language: str) -> None:
    assert pages.choose_language(asked, accept) == language


def test_the_page_offers_the_other_language(caller: Caller) -> None:
    page = caller.call("GET", "/?lang=zh-hans").text
    assert '<html lang="zh-hans">' in page
    assert 'href="?lang=en"' in page


def test_the_form_sets_a_switch_and_returns_to_the_page(
    caller: Caller, sandbox: RunningSandbox
) -> None:
    answer = caller.call(
        "POST",
        "/switch?lang=zh-hans",
        "provider=slack&mode=rate_limited&count=3&seconds=",
        {"Content-Type": "application/x-www-form-urlencoded", "Origin": sandbox.url},
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/?lang=zh-hans")
    switch = sandbox.behaviour.snapshot()["slack"]
    assert (switch.mode, switch.count, switch.seconds) == ("rate_limited", 3, None)
    assert "× 3" in caller.call("GET", "/").text


def test_the_page_can_be_cleared(caller: Caller, sandbox: RunningSandbox) -> None:
    caller.call("POST", "/webhook/a", {})
    assert caller.call("POST", "/clear").status == 303
    assert sandbox.inbox.messages() == []


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "evil.example"}, "foreign_host"),
        ({"Origin": "http://evil.example"}, "foreign_origin"),
        ({"Origin": "null"}, "foreign_origin"),
    ],
)
def test_other_sites_can_neither_read_nor_switch(
    caller: Caller, headers: dict[str, str], code: str
) -> None:
    for method, path in (("GET", "/api/messages"), ("POST", "/switch")):
        answer = caller.call(method, path, "provider=lark&mode=hang", headers)
        assert answer.status == 403
        assert isinstance(answer.json, dict)
        assert answer.json["code"] == code


@pytest.mark.parametrize("name", ["sandbox.html", "..%2F..%2Fapps.py", ""])
def test_only_its_own_files_are_served(caller: Caller, name: str) -> None:
    assert caller.call("GET", f"/files/{name}").status == 404


def test_head_has_the_length_and_no_body(caller: Caller) -> None:
    answer = caller.call("HEAD", "/livez")
    assert (answer.headers["Content-Length"], answer.body) == ("15", b"")
