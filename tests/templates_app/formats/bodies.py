"""Good bodies of every kind, and ways to spoil them."""

import copy
from typing import Any

from hypothesis import strategies as st


def card(*elements: object, **more: object) -> dict[str, object]:
    return {"msg_type": "interactive", "card": {"elements": list(elements), **more}}


def card_2(*elements: object, **more: object) -> dict[str, object]:
    made = {"schema": "2.0", "body": {"elements": list(elements)}, **more}
    return {"msg_type": "interactive", "card": made}


def blocks(*items: object) -> dict[str, object]:
    return {"text": "Hello {{a}}", "blocks": list(items)}


MARKDOWN = {"tag": "markdown", "content": "**{{a}}** {{b}}"}
PLAIN = {"tag": "plain_text", "content": "{{a}}"}
LARK_MD = {"tag": "lark_md", "content": "*{{a}}*"}
BUTTON = {"tag": "button", "text": PLAIN, "url": "https://e.org/{{a}}"}
TABLE = {
    "tag": "table",
    "page_size": 5,
    "columns": [{"name": "n", "display_name": "{{a}}", "data_type": "text"}],
    "rows": [{"n": "{{b}}"}],
}
AUDIO = {"tag": "audio", "file_key": "file_v3_x", "fallback": "drop"}
SHARED = {"update_multi": True, "enable_forward": False, "summary": {"content": "x"}}
HEADER = {"title": PLAIN, "template": "red", "text_tag_list": []}
POST = [[{"tag": "text", "text": "{{a}}"}, {"tag": "at", "user_id": "ou_1"}]]
MRKDWN = {"type": "mrkdwn", "text": "*{{a}}* <https://e.org|{{b}}>"}
SLACK_PLAIN = {"type": "plain_text", "text": "x {{a}}"}
IMAGE = {"type": "image", "image_url": "https://e.org/x.png", "alt_text": "x {{a}}"}

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("lark", {"msg_type": "text", "content": {"text": "Hi {{a}} {{b}}"}}),
    (
        "lark",
        {
            "msg_type": "post",
            "content": {"post": {"zh_cn": {"title": "{{a}}", "content": POST}}},
        },
    ),
    ("lark", {"msg_type": "image", "content": {"image_key": "img_v2_x"}}),
    ("lark", {"msg_type": "share_chat", "content": {"share_chat_id": "oc_x"}}),
    ("lark", card(MARKDOWN, {"tag": "hr"}, header=HEADER)),
    ("lark", card({"tag": "div", "text": LARK_MD, "fields": [{"text": PLAIN}]})),
    ("lark", card({"tag": "action", "actions": [BUTTON]})),
    (
        "lark",
        card({"tag": "note", "elements": [PLAIN]}, {"tag": "img", "img_key": "i"}),
    ),
    (
        "lark",
        card(
            {
                "tag": "column_set",
                "columns": [{"tag": "column", "elements": [MARKDOWN]}],
            }
        ),
    ),
    ("lark", card(TABLE)),
    ("lark", card_2(TABLE, AUDIO, config=SHARED)),
    ("lark", card_2(MARKDOWN, BUTTON, header=HEADER, config={"width_mode": "fill"})),
    (
        "lark",
        card_2(
            {"tag": "collapsible_panel", "element_id": "p1", "elements": [MARKDOWN]}
        ),
    ),
    ("telegram", {"text": "Hi {{a}}", "parse_mode": ""}),
    ("telegram", {"text": "*{{a}}* _x {{b}}_ `{{a}}`", "parse_mode": "MarkdownV2"}),
    ("telegram", {"text": "<b>{{a}}</b> {{b}} <i>x</i>", "parse_mode": "HTML"}),
    (
        "telegram",
        {
            "text": "Hi",
            "reply_markup": {
                "inline_keyboard": [[{"text": "Go", "url": "https://e.org"}]]
            },
        },
    ),
    ("slack", blocks({"type": "section", "text": MRKDWN, "fields": [SLACK_PLAIN]})),
    ("slack", blocks({"type": "header", "text": SLACK_PLAIN}, {"type": "divider"})),
    ("slack", blocks({"type": "context", "elements": [MRKDWN, IMAGE]}, IMAGE)),
    (
        "slack",
        blocks(
            {
                "type": "actions",
                "block_id": "b1",
                "elements": [{"type": "button", "text": SLACK_PLAIN}],
            }
        ),
    ),
    ("slack", {"attachments": [{"text": "{{a}}"}]}),
]

JUNK: list[object] = [
    *(None, 0, 7, True, "", "x", " ", "{{a}}", [], {}, ["x"], [[]], {"a": 1}),
    *("divider", "note", "action", "button", "markdown", "column", "plain_text"),
    *("x" * 80, "x" * 200, "x" * 3_500, "2.0", "1.0", "HTML", "*", "<b>", "{{c}}*"),
    *(["x"] * 60, [{"tag": "table"}] * 6, [{"tag": "hr"}] * 201),
]
KEYS = [
    *("elements", "columns", "actions", "text", "content", "header", "body", "schema"),
    *("element_id", "fields", "accessory", "type", "tag", "extra", "i18n_elements"),
    *("title", "blocks", "parse_mode", "config", "attachments"),
]


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    below = [place for key, item in items for place in _places(item, (*path, key))]
    return [path, *below]


def _holder(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        body = body[step]
    return body


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw a good body with up to three parts removed, replaced, added or repeated."""
    kind, good = draw(st.sampled_from(GOOD))
    body = copy.deepcopy(good)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(_places(body)))
        act = draw(st.sampled_from(["remove", "replace", "add", "repeat"]))
        if path:
            _spoil(draw, _holder(body, path), path[-1], act)
    return kind, body


def _spoil(draw: st.DrawFn, holder: Any, key: Any, act: str) -> None:
    if act == "remove":
        del holder[key]
    elif act == "replace":
        holder[key] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    elif act == "repeat" and isinstance(holder[key], list):
        holder[key] = holder[key] * draw(st.sampled_from([2, 12, 30]))
    elif isinstance(holder, dict):
        name = draw(st.sampled_from(KEYS))
        holder[name] = copy.deepcopy(draw(st.sampled_from(JUNK)))
