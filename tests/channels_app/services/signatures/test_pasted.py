"""A request is read however it is pasted; what is none is refused with the reason."""

import pytest

from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.pasted import LARGEST_PASTE, NotARequestError

CURL = "curl https://api.example/api/x?y=1"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/api/x?y=1", b"/api/x?y=1"),
        ("https://api.example/api/x?y=1", b"/api/x?y=1"),
        ("https://api.example?y=1", b"/?y=1"),
        ("https://api.example", b"/"),
        ("/api/x?next=https://else.example/y", b"/api/x?next=https://else.example/y"),
        ("/api/x#part", b"/api/x"),
        ("/api/张", "/api/张".encode()),
    ],
)
def test_the_target_is_as_on_the_request_line(address: str, target: bytes) -> None:
    assert read_request(f"GET {address} HTTP/1.1\nHost: x\n").target == target
    assert read_request(f"get {address}").method == "GET"


@pytest.mark.parametrize(
    ("command", "method", "body"),
    [
        (CURL, "GET", b""),
        (f"{CURL} -d a=1 -d b=2", "POST", b"a=1&b=2"),
        (f"{CURL} --json '{{}}'", "POST", b"{}"),
        (f"{CURL} -X put -d x", "PUT", b"x"),
        (f"{CURL} -I", "HEAD", b""),
        (f"{CURL} --data-raw $'a\\nb\\u5f20\\'\\x41'", "POST", "a\nb张'A".encode()),
        (f"{CURL} \\\n  -d 'a'\n", "POST", b"a"),
        (f"{CURL} -d $'\\ud83d\\ude00 \\ud83d'", "POST", "😀 \ufffd".encode()),
        (f"$ {CURL} -sSL -o /tmp/answer -m 5 -d x --compressed", "POST", b"x"),
        (f"curl -XDELETE {CURL[5:]} -d x", "DELETE", b"x"),
    ],
)
def test_curl_is_read_as_curl_would_send_it(
    command: str, method: str, body: bytes
) -> None:
    request = read_request(command)
    assert (request.method, request.target) == (method, b"/api/x?y=1")
    assert request.bodies[0] == body
    assert request.header("Host") == "api.example"


def test_curl_may_put_its_data_into_the_query() -> None:
    request = read_request(f"{CURL} -G -d z=2")
    assert (request.method, request.target) == ("GET", b"/api/x?y=1&z=2")


def test_a_header_beats_what_the_address_says() -> None:
    assert read_request(f"{CURL} -H 'Host: other'").header("host") == "other"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "hello",
        '{"json": 1}',
        "POST /x HTTP/1.1\nno header here",
        "curl",
        "curl -X",
        "curl 'unclosed",
        "curl -s",
        f"{CURL} -X",
        f"{CURL} -d @body.json",
        f"{CURL} -F a=b",
        f"{CURL} --data-urlencode a=b",
        f'{CURL} -H "X-Signature: $SIGNATURE"',
        f"{CURL} -H 'X-Timestamp: $(date +%s)'",
        "GET /" + "x" * LARGEST_PASTE,
    ],
)
def test_what_is_no_request_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(NotARequestError, match=r"\S"):
        read_request(text)
