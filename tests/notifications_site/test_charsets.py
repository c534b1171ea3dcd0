"""No declared character set ends in an error of the server's."""

from collections.abc import Callable
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application

from notifications_site.charsets import KnownCharsets, with_known_charset


@pytest.mark.parametrize(
    ("declared", "handed_on"),
    [
        ("text/plain", "text/plain"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("text/plain; charset=GB18030", "text/plain; charset=GB18030"),
        ("text/plain; charset=base64", "text/plain"),
        ("text/plain; charset=idna", "text/plain"),
        ("text/plain; charset=undefined", "text/plain"),
        ("text/plain; charset=none-such", "text/plain"),
        ("text/plain; charset=a\x00b", "text/plain"),
        (
            'multipart/form-data; charset=hex; boundary="x y"',
            'multipart/form-data; boundary="x y"',
        ),
    ],
)
def test_a_charset_that_reads_no_text_is_taken_off(
    declared: str, handed_on: str
) -> None:
    assert with_known_charset(declared) == handed_on


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["base64", "undefined", "idna", "rot13"])
def test_the_server_answers_whatever_is_declared(charset: str) -> None:
    application = KnownCharsets(get_wsgi_application())
    environ: dict[str, object] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/livez",
        "QUERY_STRING": "a=1",
        "CONTENT_TYPE": f"text/plain; charset={charset}",
        "HTTP_HOST": "localhost",
        "wsgi.input": BytesIO(),
    }
    setup_testing_defaults(environ)
    statuses: list[str] = []

    def start(status: str, *_more: object) -> Callable[[bytes], object]:
        statuses.append(status)
        return bytes

    b"".join(application(environ, start))
    assert statuses == ["200 OK"]
