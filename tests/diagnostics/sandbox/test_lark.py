import pytest

from diagnostics.sandbox import lark
from diagnostics.sandbox.exchange import Reply
from tests.diagnostics.sandbox.builders import NOW, answer_of, post

TEXT = {"msg_type": "text", "content": {"text": "hi"}}
SUCCESS = {
    "StatusCode": 0,
    "StatusMessage": "success",
    "code": 0,
    "data": {},
    "msg": "success",
}


def send(content: object, token: str = "demo") -> Reply:
    return lark.receive(post(f"hook/{token}", content))


def post_of(*nodes: object, **page: object) -> dict[str, object]:
    pages = {"zh_cn": {"title": "t", "content": [list(nodes)], **page}}
    return {"msg_type": "post", "content": {"post": pages}}


def signed(timestamp: object, sign: str) -> dict[str, object]:
    return {**TEXT, "timestamp": timestamp, "sign": sign}


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1599360473", "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="),
        ("100", "jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg="),
    ],
)
def test_the_signature_matches_known_vectors(timestamp: str, expected: str) -> None:
    assert lark.sign(timestamp, "demo") == expected


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        post_of({"tag": "text", "text": "a"}, {"tag": "a", "text": "b", "href": "c"}),
        post_of({"tag": "at", "user_id": "all"}, {"tag": "img", "image_key": "img_1"}),
        {"msg_type": "image", "content": {"image_key": "img_1"}},
        {"msg_type": "share_chat", "content": {"share_chat_id": "oc_1"}},
        {"msg_type": "interactive", "card": {"elements": [{"tag": "hr"}]}},
    ],
)
def test_every_kind_of_message_is_accepted(content: object) -> None:
    reply = send(content)
    assert reply.status == 200
    assert answer_of(reply) == SUCCESS
    assert reply.arrived is not None
    assert reply.arrived.accepted


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", 9499),
        (b"\xff", 9499),
        (b"[" * 100_00, 9499),
        ([], 9499),
        ({}, 19002),
        ({"content": {"text": "a"}}, 19002),
        ({"msg_type": "pigeon", "content": {}}, 9499),
        ({"msg_type": "text"}, 9499),
        ({"msg_type": "text", "content": "a"}, 9499),
        ({"msg_type": "text", "content": {"text": ""}}, 9499),
        ({"msg_type": "text", "content": {"text": 5}}, 9499),
        ({"msg_type": "text", "content": {"text": "a" * 20481}}, 9499),
        ({"msg_type": "post", "content": {"zh_cn": {"content": []}}}, 9499),
        ({"msg_type": "post", "content": {"post": {}}}, 9499),
        ({"msg_type": "post", "content": {"post": {"chinese": {}}}}, 9499),
        (post_of(title=5), 9499),
        (post_of(content=[{}]), 9499),
        (post_of({"tag": "text"}), 9499),
        (post_of({"tag": "a", "text": "b"}), 9499),
        (post_of({"tag": "pigeon"}), 9499),
        (post_of("text"), 9499),
        ({"msg_type": "image", "content": {"image_key": "file_1"}}, 9499),
        ({"msg_type": "share_chat", "content": {"share_chat_id": "x"}}, 9499),
        ({"msg_type": "interactive", "content": {"elements": []}}, 9499),
        ({"msg_type": "interactive", "card": "{}"}, 9499),
        ({"msg_type": "interactive", "card": {"elements": {}}}, 11246),
    ],
)
def test_a_bad_message_is_refused_with_http_200(content: object, code: int) -> None:
    reply = send(content)
    assert reply.status == 200
    assert answer_of(reply)["code"] == code
    assert reply.arrived is not None
    assert not reply.arrived.accepted
    assert reply.arrived.code == str(code)


def test_the_token_is_judged_before_the_content() -> None:
    assert answer_of(send(b"{", token="gone-bot"))["code"] == 19001


def test_a_refused_card_names_the_inner_code() -> None:
    card = {"elements": [{"tag": "divider"}]}
    words = answer_of(send({"msg_type": "interactive", "card": card}))["msg"]
    assert "ErrCode: 11310" in str(words)
    assert "divider" in str(words)


@pytest.mark.parametrize(
    ("age", "is_accepted"), [(0, True), (3600, True), (3601, False), (-3601, False)]
)
def test_a_signature_lives_an_hour(age: int, is_accepted: bool) -> None:
    timestamp = str(int(NOW) - age)
    sign = lark.sign(timestamp, lark.SIGNED_WITH)
    reply = send(signed(timestamp, sign), token="a-signed")
    assert answer_of(reply)["code"] == (0 if is_accepted else 19021)


@pytest.mark.parametrize(
    "message",
    [
        TEXT,
        signed(str(int(NOW)), "wrong"),
        signed(str(int(NOW)), lark.sign(str(int(NOW)), "other-secret")),
        signed(str(int(NOW * 1000)), lark.sign(str(int(NOW * 1000)), lark.SIGNED_WITH)),
        signed("now", "wrong"),
        signed(str(int(NOW)), "\ud800"),
    ],
)
def test_a_wrong_signature_is_refused(message: object) -> None:
    assert answer_of(send(message, token="a-signed"))["code"] == 19021


def test_a_timestamp_may_be_a_number() -> None:
    sign = lark.sign(str(int(NOW)), lark.SIGNED_WITH)
    reply = send(signed(int(NOW), sign), token="a-signed")
    assert answer_of(reply)["code"] == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (TEXT, 19024),
        ({"msg_type": "text", "content": {"text": "an alert"}}, 0),
        (post_of({"tag": "text", "text": "alert"}), 0),
    ],
)
def test_a_keyword_may_be_demanded(message: object, code: int) -> None:
    assert answer_of(send(message, token="keyword-bot"))["code"] == code


def test_a_post_is_drawn_with_title_links_and_mentions() -> None:
    message = post_of(
        {"tag": "text", "text": "see "},
        {"tag": "a", "text": "log", "href": "https://x.y/"},
        {"tag": "a", "text": "bad", "href": "javascript:alert(1)"},
        {"tag": "at", "user_id": "all"},
    )
    reply = send(message)
    assert reply.arrived is not None
    seen = reply.arrived.seen
    assert seen.title == "t"
    assert seen.text == "see logbad@all"
    assert [run.href for run in seen.blocks[0].runs] == ["", "https://x.y/", "", ""]


def test_a_card_is_drawn_with_colour_text_rule_and_buttons() -> None:
    card = {
        "header": {
            "title": {"tag": "plain_text", "content": "Down"},
            "template": "red",
        },
        "elements": [
            {"tag": "div", "text": {"tag": "lark_md", "content": "**db** is *down*"}},
            {"tag": "hr"},
            {
                "tag": "action",
                "actions": [
                    {
                        "tag": "button",
                        "text": {"tag": "plain_text", "content": "Open"},
                        "url": "https://x.y/",
                        "type": "primary",
                    }
                ],
            },
        ],
    }
    reply = send({"msg_type": "interactive", "card": card})
    assert reply.arrived is not None
    seen = reply.arrived.seen
    assert (seen.title, seen.colour) == ("Down", "red")
    assert [block.kind for block in seen.blocks] == ["paragraph", "rule", "buttons"]
    assert seen.blocks[0].runs[0].styles == ("bold",)
    assert seen.blocks[2].buttons[0].href == "https://x.y/"
    assert seen.text == "db is down\nOpen"


def test_only_post_to_a_hook_is_known() -> None:
    assert lark.receive(post("hook/demo", TEXT, method="GET")).status == 404
    assert lark.receive(post("elsewhere", TEXT)).status == 404
