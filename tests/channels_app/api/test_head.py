"""HEAD: the headers of a GET and no body, for gunicorn warns of each one that it drops."""

from collections.abc import Callable
from wsgiref.headers import Headers

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

PATHS = ["/livez", "/health", "/api/nothing", "/admin/login/", "/metrics"]

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def ask(method: str, path: str) -> tuple[str, str | None, bytes]:
    """Return status, declared length and body as the web server is given them."""
    told: list[tuple[str, Headers]] = []

    def start(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        told.append((status, Headers(headers)))
        return bytes

    environ = RequestFactory().generic(method, path).environ
    answer = WSGIHandler()(environ, start)
    body = b"".join(answer)
    [(status, headers)] = told
    return status, headers["Content-Length"], body


@pytest.mark.parametrize("path", PATHS)
def test_a_head_is_answered_without_a_body(path: str) -> None:
    status, length, body = ask("HEAD", path)
    assert body == b""
    assert status == ask("GET", path)[0]
    assert length != "0"
