import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.senders.contract import ContentType, PermanentSendError
from channels_app.senders.pieces import is_blank
from channels_app.senders.telegram import TelegramForm, TelegramSender
from channels_app.senders.telegram_markup import READERS
from tests.channels_app.senders.examples import message

TOKEN = "123456789:AAExample-token_of_a_bot"


CONFIG = {
    "bot_token": TOKEN,
    "chat_id": "-1001234567890",
    "parse_mode": "MarkdownV2",
    "message_thread_id": 7,
    "disable_notification": True,
    "disable_web_page_preview": True,
}


REQUIRED = {"bot_token", "chat_id"}


JSON = {"text": "*Zoë* \\- _x_", "parse_mode": "MarkdownV2"}


SENDER = TelegramSender()


def sent(
    content: str,
    content_type: ContentType = ContentType.TEXT,
    *,
    subject: str = "Alert",
    **config: object,
) -> list[dict[str, Any]]:
    chat = {"bot_token": TOKEN, "chat_id": 5, **config}
    requests = SENDER.build(chat, message(content, content_type, subject=subject))
    return [json.loads(request.body) for request in requests]


def shown(part: dict[str, Any]) -> str:
    mode = part.get("parse_mode")
    return READERS[mode](part["text"]).shown if mode else part["text"]


def test_the_request_goes_to_the_bots_address_with_the_chats_wishes() -> None:
    (request,) = SENDER.build(CONFIG, message("hi", subject=""))
    assert request.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    assert json.loads(request.body) == {
        "chat_id": -1001234567890,
        "message_thread_id": 7,
        "disable_notification": True,
        "link_preview_options": {"is_disabled": True},
        "text": "hi",
        "parse_mode": "MarkdownV2",
    }


@pytest.mark.parametrize(
    ("chat_id", "expected"),
    [(5, 5), ("5", 5), ("-100123", -100123), ("@my_channel", "@my_channel")],
)
def test_a_chat_is_a_number_or_a_name(chat_id: object, expected: object) -> None:
    assert sent("hi", chat_id=chat_id)[0]["chat_id"] == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("MarkdownV2", "*Disk \\(a\\_b\\)*\n\n2 \\* 3 \\< 7\\. \\\\"),
        ("markdownv2", "*Disk \\(a\\_b\\)*\n\n2 \\* 3 \\< 7\\. \\\\"),
        ("HTML", "<b>Disk (a_b)</b>\n\n2 * 3 &lt; 7. \\"),
        ("Markdown", "*Disk (a_b)*\n\n2 \\* 3 < 7. \\"),
        ("none", "Disk (a_b)\n\n2 * 3 < 7. \\"),
    ],
)
def test_plain_text_is_escaped_for_the_chats_markup(mode: str, expected: str) -> None:
    (part,) = sent("2 * 3 < 7. \\", subject="Disk (a_b)", parse_mode=mode)
    assert part["text"].replace("\\<", "<") == expected.replace("\\<", "<")
    assert part.get("parse_mode", "none").lower() == mode.lower()


@pytest.mark.parametrize("mode", ["MarkdownV2", "HTML"])
@given(text=st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_text_reads_back_as_it_was(mode: str, text: str) -> None:
    if not is_blank(text):
        (part,) = sent(text, subject="", parse_mode=mode)
        assert READERS[mode](part["text"]).is_balanced
        assert shown(part) == text


@pytest.mark.parametrize("mode", ["MarkdownV2", "HTML", "Markdown", "none"])
def test_the_quoted_name_arrives_intact_in_every_markup(mode: str) -> None:
    text = '{"who": "Zoë \\"Q\\" \\\\ 张三"}'
    (part,) = sent(text, subject="", parse_mode=mode)
    assert shown(part) == text


@pytest.mark.parametrize(
    ("content_type", "configured", "mode"),
    [
        (ContentType.MARKDOWN, None, "MarkdownV2"),
        (ContentType.MARKDOWN, "HTML", "MarkdownV2"),
        (ContentType.MARKDOWN, "Markdown", "Markdown"),
        (ContentType.HTML, None, "HTML"),
    ],
)
def test_markup_is_kept_and_its_mode_named(
    content_type: ContentType, configured: str | None, mode: str
) -> None:
    (part,) = sent("*a* <b>b</b>", content_type, parse_mode=configured)
    assert part["parse_mode"] == mode
    assert part["text"].endswith("\n\n*a* <b>b</b>")


def test_json_fields_win_over_the_chats_and_set_no_markup_of_their_own() -> None:
    content = {"text": "x.y", "disable_notification": False, "reply_markup": {"a": 1}}
    (part,) = sent(json.dumps(content), ContentType.JSON, disable_notification=True)
    assert part == {"chat_id": 5, **content}


@pytest.mark.parametrize("content", ["[]", "{}", '{"text": ""}', '{"text": 5}'])
def test_json_without_a_text_is_refused(content: str) -> None:
    with pytest.raises(PermanentSendError, match="message_invalid"):
        sent(content, ContentType.JSON)


def test_json_over_the_limit_is_refused_counting_what_is_shown() -> None:
    fits = {"text": "\\." * 4096, "parse_mode": "MarkdownV2"}
    assert sent(json.dumps(fits), ContentType.JSON)
    with pytest.raises(PermanentSendError, match="message_too_large"):
        sent(json.dumps({"text": "x" * 4097}), ContentType.JSON)


@pytest.mark.parametrize("mode", ["MarkdownV2", "HTML", "none"])
@pytest.mark.parametrize(
    "text",
    [
        "word " * 2_000,
        "." * 9_000,
        "line & line\n" * 900,
        "👩‍👩‍👧" * 2_000,
        "🇩🇪" * 3_000,
        "x" * 4_096,
        "张" * 4_097,
    ],
    ids=["words", "dots", "lines", "families", "flags", "just", "one over"],
)
def test_a_long_text_is_cut_and_nothing_is_lost(mode: str, text: str) -> None:
    parts = [shown(part) for part in sent(text, subject="Long", parse_mode=mode)]
    assert all(0 < len(part) <= 4096 for part in parts)
    assert "".join(parts) == f"Long\n\n{text}"
    assert not any(part.startswith(("\u200d", "\u200c")) for part in parts)


def test_a_part_that_shows_nothing_is_not_sent() -> None:
    parts = sent("x" * 4096 + "<b> \n</b>", ContentType.HTML, subject="")
    assert [len(shown(part)) for part in parts] == [4096]


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (ContentType.TEXT, "\0\x07"),
        (ContentType.HTML, "<b> </b>" * 1_000),
        (ContentType.JSON, '{"text": "<b> </b>", "parse_mode": "HTML"}'),
    ],
)
def test_a_message_that_shows_nothing_is_refused(
    content_type: ContentType, content: str
) -> None:
    with pytest.raises(PermanentSendError, match="message_empty"):
        sent(content, content_type, subject="")


def test_links_too_long_for_one_message_go_out_as_plain_text() -> None:
    link = f"https://example.org/{'x' * 2_000}"
    parts = sent(f"[t]({link}) " * 20, ContentType.MARKDOWN, subject="")
    assert not any("parse_mode" in part for part in parts)
    assert "".join(part["text"] for part in parts).count(link) == 20


def test_json_with_more_source_than_telegram_reads_is_refused() -> None:
    link = f'<a href="https://example.org/{"x" * 2_000}">t</a>'
    content = json.dumps({"text": link * 20, "parse_mode": "HTML"})
    with pytest.raises(PermanentSendError, match=r"message_too_large: .* bytes"):
        sent(content, ContentType.JSON)


def test_a_text_of_just_the_limit_is_one_message() -> None:
    assert len(sent("." * 4096, subject="")) == 1
    assert len(sent("." * 4097, subject="")) == 2


def test_a_subject_longer_than_a_message_is_bold_in_each() -> None:
    parts = sent("end", subject="s" * 5_000)
    assert [part["text"][0] for part in parts] == ["*", "*"]
    assert "".join(map(shown, parts)) == "s" * 5_000 + "\n\nend"


def test_long_markdown_is_cut_between_its_entities() -> None:
    line = "*bold \\.* and _slanted_ with [a link](https://example.org/\\)x)\n"
    parts = sent(line * 150, ContentType.MARKDOWN)
    assert len(parts) > 1
    for part in parts:
        markup = READERS["MarkdownV2"](part["text"])
        assert markup.is_balanced
        assert len(markup.shown) <= 4096
        assert part["text"].count("](https://example.org/\\)x)") == len(
            re.findall("a link", part["text"])
        )


def test_an_entity_longer_than_a_message_is_closed_and_opened_again() -> None:
    parts = sent(f"<b>x <i>{'word ' * 1_500}</i></b>", ContentType.HTML, subject="")
    assert parts[0]["text"].endswith("</i></b>")
    assert parts[1]["text"].startswith("<b><i>")
    assert "".join(map(shown, parts)) == "x " + "word " * 1_500


def test_long_broken_markup_goes_out_as_plain_text() -> None:
    parts = sent("2 * 3 _ok_ " * 501, ContentType.MARKDOWN, subject="")
    assert not any("parse_mode" in part for part in parts)
    assert "".join(part["text"] for part in parts).startswith("2 ")


@pytest.mark.parametrize(
    ("content_type", "content", "plain"),
    [
        (ContentType.TEXT, "2 * 3", "2 * 3"),
        (ContentType.MARKDOWN, "*bold* 1\\.5 \\- _x_", "bold 1.5 - x"),
        (ContentType.MARKDOWN, "cost: 2 * 3. Done!", "cost: 2 * 3. Done!"),
        (ContentType.MARKDOWN, "[t](https://e.org/\\)a)", "t (https://e.org/)a)"),
        (ContentType.MARKDOWN, "```py\na\\`b```", "a`b"),
        (ContentType.HTML, "<b>a</b> &lt; b &amp; c", "a < b & c"),
        (
            ContentType.HTML,
            'see <a href="https://e.org/?a=1&amp;b=2">t</a>',
            "see t (https://e.org/?a=1&b=2)",
        ),
        (ContentType.HTML, "1 < 2 <b>x", "1 < 2 <b>x"),
        (ContentType.JSON, '{"text": "*a*", "parse_mode": "Markdown"}', "a"),
        (ContentType.JSON, '{"text": "*a*"}', "*a*"),
    ],
)
def test_a_message_without_its_markup_reads_well(
    content_type: ContentType, content: str, plain: str
) -> None:
    bare = SENDER.plain({}, message(content, content_type))
    assert (bare.content_type, bare.content) == (ContentType.TEXT, plain)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bot_token", "no-colon"),
        ("bot_token", "0123:abc"),
        ("bot_token", "123:abc/def"),
        ("bot_token", "1:" + "a" * 79),
        ("chat_id", "my_channel"),
        ("chat_id", "@a b"),
        ("chat_id", "0"),
        ("chat_id", 1.5),
        ("parse_mode", "BBCode"),
        ("message_thread_id", 0),
        ("message_thread_id", "x"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(field: str, value: object) -> None:
    assert field in TelegramForm(data={**CONFIG, field: value}).errors


@pytest.mark.parametrize("base", ["http://127.0.0.1:8081", "http://127.0.0.1:8081/"])
def test_an_own_server_can_be_set(base: str, settings: Any) -> None:
    settings.TELEGRAM_API_BASE = base
    (request,) = SENDER.build(CONFIG, message())
    assert request.url == f"http://127.0.0.1:8081/bot{TOKEN}/sendMessage"
