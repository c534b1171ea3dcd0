"""The one spelling of a URL, and the disguises of an address that are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.delivery.addresses import AddressPolicy, AddressRefusedError, Target

PUBLIC_ONLY = AddressPolicy()


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (
            "https://example.com",
            Target("https", "example.com", 443, "https://example.com/"),
        ),
        (
            "http://example.com/",
            Target("http", "example.com", 80, "http://example.com/"),
        ),
        (
            "HTTPS://EXAMPLE.com:8443/A",
            Target("https", "example.com", 8443, "https://example.com:8443/A"),
        ),
        (
            "https://example.com?a=1",
            Target("https", "example.com", 443, "https://example.com/?a=1"),
        ),
        (
            "https://example.com/a?b=c#frag",
            Target("https", "example.com", 443, "https://example.com/a?b=c"),
        ),
        (
            "https://example.com/a/../b",
            Target("https", "example.com", 443, "https://example.com/a/../b"),
        ),
        (
            "https://example.com./",
            Target("https", "example.com", 443, "https://example.com/"),
        ),
        (
            "https://a_b.example.com/",
            Target("https", "a_b.example.com", 443, "https://a_b.example.com/"),
        ),
        (
            "http://example.com:080/",
            Target("http", "example.com", 80, "http://example.com:80/"),
        ),
        (
            "https://例子.测试/钩",
            Target(
                "https",
                "xn--fsqu00a.xn--0zwm56d",
                443,
                "https://xn--fsqu00a.xn--0zwm56d/%E9%92%A9",
            ),
        ),
        (
            "https://faß.de/",
            Target("https", "xn--fa-hia.de", 443, "https://xn--fa-hia.de/"),
        ),
        ("http://8.8.8.8/", Target("http", "8.8.8.8", 80, "http://8.8.8.8/")),
        (
            "http://[2606:4700::0001]:8080/x",
            Target("http", "2606:4700::1", 8080, "http://[2606:4700::1]:8080/x"),
        ),
        (
            "https://example.com/a@b:c?d=[e]",
            Target("https", "example.com", 443, "https://example.com/a@b:c?d=[e]"),
        ),
        (
            "https://example.com/%00%0d%0a",
            Target("https", "example.com", 443, "https://example.com/%00%0d%0a"),
        ),
    ],
)
def test_a_public_url_is_taken_apart_into_its_one_spelling(
    url: str, target: Target
) -> None:
    assert PUBLIC_ONLY.check_url(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "/path",
        "http:/example.com",
        "http:example.com",
        "http:///example.com",
        "http://",
        "http://:80/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "unix:///run/x.sock",
        "http+unix://%2Frun%2Fx.sock/",
        "javascript:alert(1)",
        "dict://127.0.0.1:11211/",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:80@127.0.0.1/",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1\\.example.com/",
        "http://example.com /",
        " http://example.com/",
        "http://example.com/\n",
        "http://example.com/\r\nHost: x",
        "http://example.com/\x00",
        "http://exam\tple.com/",
        "http://example.com/\u2028",
        "http://example.com/\u00a0",
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:0/",
        "http://example.com:81/",
        "http://example.com:1023/",
        "http://example.com:65536/",
        "http://example.com:999999/",
        "http://example.com:/",
        "http://example.com:+80/",
        "http://example.com:8o/",
        "http://example.com:80:80/",
        "http://example.com:８０/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.1../",
        "http://127.0.0.01/",
        "http://0/",
        "http://0x/",
        "http://256.1.1.1/",
        "http://1.2.3.4.5/",
        "http://4294967296/",
        "http://example.0x7f/",
        "http://127。1/",
        "http://①②⑦.⓪.⓪.1.5/",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1%00.example.com/",
        "http://ex%61mple.com/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://::1/",
        "http://[::1]x/",
        "http://[1.2.3.4]/",
        "http://[v1.x]/",
        "http://[]/",
        "http://a..b/",
        "http://.example.com/",
        "http://example.com../",
        "http://-a.example.com/",
        "http://" + "a" * 64 + ".com/",
        "http://" + "a." * 130 + "com/",
        "http://example.com/" + "a" * 9_000,
        "http://exa<mple.com/",
        "http://xn--\u00fc.com/",
        "http://example.com/\ud800",
    ],
)
def test_a_url_that_two_parsers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        PUBLIC_ONLY.check_url(url)
    assert caught.value.code == "invalid_url"
    assert caught.value.reason
    assert caught.value.remedy


@pytest.mark.parametrize(
    "url",
    [
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://METADATA.google.internal./",
        "http://metadata.goog/",
        "http://127.0.0.1./",
        "http://127.0.0.1#@example.com/@",
        "http://127.0.0.1?@example.com/",
        "http://127.0.0.1/@example.com",
        "http://①②⑦.⓪.⓪.①/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
    ],
)
def test_a_disguised_closed_host_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        PUBLIC_ONLY.check_url(url)
    assert caught.value.code == "address_refused"


@given(st.text(max_size=60).map(lambda tail: f"http://{tail}") | st.text(max_size=60))
def test_any_text_is_a_target_or_a_refusal(url: str) -> None:
    try:
        target = PUBLIC_ONLY.check_url(url)
    except AddressRefusedError:
        return
    assert target.url.isascii()
    assert PUBLIC_ONLY.check_url(target.url) == target
