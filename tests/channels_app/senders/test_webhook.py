import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from channels_app.senders.contract import (
    ContentType,
    OutgoingRequest,
    PermanentSendError,
)
from channels_app.senders.webhook import WebhookForm, WebhookSender, secret_key, sign
from tests.channels_app.senders.examples import message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


CONFIG: dict[str, object] = {
    "webhook_url": "https://example.org/hooks/notify?team=ops",
    "method": "POST",
    "headers": {"Authorization": "Bearer abc.def-123", "X-Team": "operations-team"},
    "secret": SECRET,
}


REQUIRED = {"webhook_url"}


JSON = {"who": "Zoë"}


SENDER = WebhookSender()


def request(
    content: str = "hi",
    content_type: ContentType = ContentType.TEXT,
    *,
    metadata: dict[str, object] | None = None,
    **config: object,
) -> OutgoingRequest:
    sent = message(content, content_type, metadata=metadata)
    given = {"webhook_url": CONFIG["webhook_url"], **config}
    (built,) = SENDER.build(given, sent)
    return built


def test_the_signature_is_that_of_standard_webhooks() -> None:
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("secret", "key"),
    [("whsec_YWJj", b"abc"), ("whsec_YWI", b"ab"), ("geheim ü", "geheim ü".encode())],
)
def test_a_secret_is_base64_behind_whsec_and_itself_elsewhere(
    secret: str, key: bytes
) -> None:
    assert secret_key(secret) == key


def test_text_is_wrapped_as_callers_know_it() -> None:
    body = json.loads(request(metadata={"order": 7, "channel": "forged"}).body)
    assert body == {
        "content": "hi",
        "subject": "Alert",
        "timestamp": "2025-01-06T08:00:00.000Z",
        "metadata": {
            "order": 7,
            "channel": "webhook",
            "version": "1.0",
            "message_id": "0194-m1",
        },
    }


def test_metadata_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(PermanentSendError, match="message_invalid_json"):
        request(metadata={"x": float("nan")})


@pytest.mark.parametrize("secret", ["whsec_!", "whsec_"])
def test_a_damaged_secret_is_refused_by_name(secret: str) -> None:
    with pytest.raises(PermanentSendError, match="config_invalid: secret"):
        request(secret=secret)


def test_json_content_is_the_body_to_the_letter() -> None:
    content = '{ "n": 12345678901234567890.10, "a": "张" }'
    assert request(content, ContentType.JSON).body == content.encode()


def test_the_headers_name_the_message_and_sign_it_with_a_secret() -> None:
    built = request(secret=SECRET)
    headers = dict(built.headers)
    assert headers["webhook-id"] == "0194-m1"
    assert headers["webhook-timestamp"] == "1736150400"
    assert headers["webhook-signature"] == sign(
        SECRET, "0194-m1", "1736150400", built.body
    )
    assert "webhook-signature" not in dict(request().headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "patch"])
def test_the_method_is_the_configs(method: str) -> None:
    built = request(method=method)
    assert built.method == method.upper()
    assert dict(built.headers)["Content-Type"] == "application/json; charset=utf-8"


def test_get_carries_the_message_in_the_query_behind_what_is_there() -> None:
    built = request("a&b=张\ud800", method="GET", secret="s" * 24)
    query = parse_qs(urlsplit(built.url).query)
    assert built.url.startswith("https://example.org/hooks/notify?team=ops&subject=")
    assert (query["team"], query["content"]) == (["ops"], ["a&b=张\ufffd"])
    assert query["message_id"] == ["0194-m1"]
    assert built.body == b""
    assert "Content-Type" not in dict(built.headers)
    assert dict(built.headers)["webhook-signature"] == sign(
        "s" * 24, "0194-m1", "1736150400", b""
    )


def test_get_refuses_what_no_address_holds() -> None:
    with pytest.raises(PermanentSendError, match="message_too_large"):
        request("x" * 8_000, method="GET")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1", "Content-Type": "text/plain"},
        "X-A: 1\r\n\nContent-Type:text/plain\n",
    ],
)
def test_own_headers_come_as_a_mapping_or_as_lines(headers: object) -> None:
    sent = dict(request(headers=headers).headers)
    assert (sent["X-A"], sent["Content-Type"]) == ("1", "text/plain")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-B: 2"},
        {"X-A": "1\nX-B: 2"},
        {"X-A": "1\0"},
        {"X-A\r\nX-B": "1"},
        {"": "1"},
        {"X A": "1"},
        {"X-A:": "1"},
        {"X-A": "张三"},
        {"X-A": ["1"]},
        {"X-A": True},
        {"Host": "evil.example"},
        {"content-length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "close"},
        {"Webhook-Id": "forged"},
        {"Proxy-Authorization": "x"},
        {f"X-{n}": "1" for n in range(33)},
        {"X-A": "1" * 5_000},
        "no colon",
        "X-A: 1\rX-B: 2",
        ["X-A: 1"],
        7,
    ],
    ids=lambda value: repr(value)[:40],
)
def test_headers_that_could_harm_are_refused(headers: object) -> None:
    assert "headers" in WebhookForm(data={**CONFIG, "headers": headers}).errors
    with pytest.raises(PermanentSendError, match="config_invalid"):
        request(headers=headers)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("webhook_url", "ftp://example.org/"),
        ("webhook_url", "example.org/hook"),
        ("webhook_url", "https://user:pass@example.org/"),
        ("webhook_url", "https:///path"),
        ("webhook_url", "https://example.org/a b"),
        ("webhook_url", "https://example.org/\r\nX: y"),
        ("webhook_url", "https://example.org:99999/"),
        ("webhook_url", "https://[::1/"),
        ("webhook_url", "https://example.org\\@evil.example/"),
        ("webhook_url", "javascript:alert(1)"),
        ("webhook_url", "https://example.org/" + "x" * 2_048),
        ("method", "DELETE"),
        ("secret", "whsec_not base64!"),
        ("secret", "whsec_"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(field: str, value: object) -> None:
    assert field in WebhookForm(data={**CONFIG, field: value}).errors


@pytest.mark.parametrize(
    "link",
    ["https://example.org", "https://[2606:4700::1]:8443/x", "http://münchen.de/"],
)
def test_an_address_of_the_web_is_accepted(link: str) -> None:
    form = WebhookForm(data={"webhook_url": link})
    assert form.is_valid()
    assert len(form.warnings()) == link.startswith("http:")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://EXAMPLE.org:443/b?c"),
        ("http://example.org", "http://example.org:80/x"),
    ],
)
def test_one_receiver_is_one_destination(one: str, other: str) -> None:
    first = SENDER.destination({"webhook_url": one})
    assert first == SENDER.destination({"webhook_url": other})


def test_a_form_shows_headers_as_lines() -> None:
    bound: Any = WebhookForm(initial=CONFIG)["headers"]
    assert bound.value() is not None
    shown = bound.field.prepare_value(CONFIG["headers"])
    assert shown == "Authorization: Bearer abc.def-123\nX-Team: operations-team"
