import pytest

from diagnostics.sandbox import slack
from diagnostics.sandbox.drawing import Seen
from diagnostics.sandbox.exchange import Reply
from tests.diagnostics.sandbox.builders import post

PLAIN = {"type": "plain_text", "text": "a"}
MRKDWN = {"type": "mrkdwn", "text": "*a*"}
BUTTON = {"type": "button", "text": PLAIN, "url": "https://x.y/", "style": "primary"}


def send(content: object, token: str = "demo") -> Reply:
    return slack.receive(post(f"services/T0/B0/{token}", content))


def seen_of(reply: Reply) -> Seen:
    assert reply.arrived is not None
    return reply.arrived.seen


@pytest.mark.parametrize(
    "content",
    [
        {"text": "a"},
        {"blocks": [{"type": "section", "text": MRKDWN}]},
        {"text": "a", "attachments": [{"text": "b"}]},
        {"blocks": [{"type": "section", "fields": [MRKDWN], "accessory": BUTTON}]},
        {"blocks": [{"type": "divider"}] * 50},
        {"blocks": [{"type": "actions", "elements": [BUTTON]}]},
        {"blocks": [{"type": "context", "elements": [MRKDWN, PLAIN]}]},
        {"blocks": [{"type": "image", "image_url": "https://x.y/", "alt_text": "a"}]},
        {"blocks": [{"type": "section", "text": {**MRKDWN, "text": "a" * 3000}}]},
    ],
)
def test_a_good_message_is_answered_ok(content: object) -> None:
    reply = send(content)
    assert (reply.status, reply.body) == (200, b"ok")
    assert reply.arrived is not None
    assert reply.arrived.accepted


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"{", b"invalid_payload"),
        (b"\xff", b"invalid_payload"),
        ([], b"invalid_payload"),
        ({"text": 5}, b"invalid_payload"),
        ({"text": "a", "attachments": {"a": 1}}, b"invalid_payload"),
        ({}, b"no_text"),
        ({"text": " "}, b"no_text"),
        ({"blocks": []}, b"no_text"),
        ({"text": "a", "attachments": [{}] * 101}, b"too_many_attachments"),
        ({"blocks": {}}, b"invalid_blocks"),
        ({"blocks": ["a"]}, b"invalid_blocks"),
        ({"blocks": [{"type": "pigeon"}]}, b"invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 51}, b"invalid_blocks"),
        ({"blocks": [{"type": "divider", "block_id": "a" * 256}]}, b"invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, b"invalid_blocks"),
        ({"blocks": [{"type": "section", "text": "a"}]}, b"invalid_blocks"),
        (
            {"blocks": [{"type": "section", "text": {**MRKDWN, "text": "a" * 3001}}]},
            b"invalid_blocks",
        ),
        ({"blocks": [{"type": "section", "fields": [MRKDWN] * 11}]}, b"invalid_blocks"),
        ({"blocks": [{"type": "header", "text": MRKDWN}]}, b"invalid_blocks"),
        (
            {"blocks": [{"type": "header", "text": {**PLAIN, "text": "a" * 151}}]},
            b"invalid_blocks",
        ),
        ({"blocks": [{"type": "actions", "elements": []}]}, b"invalid_blocks"),
        (
            {"blocks": [{"type": "actions", "elements": [{"type": "button"}]}]},
            b"invalid_blocks",
        ),
        ({"blocks": [{"type": "image", "alt_text": "a"}]}, b"invalid_blocks"),
    ],
)
def test_a_bad_message_is_refused_in_one_word(content: object, word: bytes) -> None:
    reply = send(content)
    assert (reply.status, reply.body) == (400, word)
    assert reply.arrived is not None
    assert reply.arrived.code == word.decode()


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("services/T0/B0/no-service", 404, b"no_service"),
        ("services/T0/B0/archived", 410, b"channel_is_archived"),
        ("services/T0/B0", 404, b"no_service"),
        ("services/X0/B0/demo", 404, b"no_service"),
    ],
)
def test_the_address_is_judged_before_the_content(
    path: str, status: int, word: bytes
) -> None:
    reply = slack.receive(post(path, b"{"))
    assert (reply.status, reply.body) == (status, word)


def test_mrkdwn_is_drawn_with_links_mentions_and_looks() -> None:
    text = "*b* _i_ ~s~ `c*d*` <https://x.y/|log> <!channel> a &lt; b &amp; 2*3*4"
    runs = seen_of(send({"text": text})).blocks[0].runs
    looks = {run.text: run.styles for run in runs if run.styles}
    assert looks == {
        "b": ("bold",),
        "i": ("italic",),
        "s": ("strikethrough",),
        "c*d*": ("code",),
        "log": ("text_link",),
        "@channel": ("mention",),
    }
    assert "".join(run.text for run in runs).endswith("a < b & 2*3*4")


def test_blocks_are_drawn_from_top_to_bottom() -> None:
    blocks = [
        {"type": "header", "text": PLAIN},
        {"type": "section", "text": MRKDWN, "fields": [MRKDWN]},
        {"type": "divider"},
        {"type": "context", "elements": [MRKDWN]},
        {"type": "actions", "elements": [BUTTON]},
    ]
    seen = seen_of(send({"text": "fallback", "blocks": blocks}))
    assert [block.kind for block in seen.blocks] == [
        "heading",
        "paragraph",
        "field",
        "rule",
        "note",
        "buttons",
    ]
    assert seen.blocks[-1].buttons[0].look == "primary"
    assert seen.text == "fallback"


def test_a_text_beyond_the_limit_is_cut_as_slack_does() -> None:
    seen = seen_of(send({"text": "a" * 40_001}))
    assert len(seen.text) == 40_000
    assert [note.name for note in seen.notes] == ["cut"]


def test_a_form_may_carry_the_payload() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = b"payload=%7B%22text%22%3A%22a%22%7D"
    request = post("services/T0/B0/demo", body, headers=headers)
    assert slack.receive(request).status == 200


def test_drawing_many_marks_stays_cheap() -> None:
    runs = seen_of(send({"text": "*a* " * 9_000})).blocks[0].runs
    assert len(runs) < 400
