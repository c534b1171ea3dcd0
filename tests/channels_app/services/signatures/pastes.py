"""Requests as people paste them: raw HTTP with either line end, and curl commands."""

import shlex

from channels_app.models import ApiClient, Secret
from notifications_client.doctor import Pasted
from tests.channels_app.rows import make_client
from tests.client.test_doctor import SECRET

KEY_ID = "shop"


def make_shop(secret: str = SECRET, key_id: str = KEY_ID) -> ApiClient:
    client = make_client(key_id)
    client.secret = Secret(secret)
    client.save()
    return client


def lines_of(request: Pasted, key_id: str = KEY_ID) -> list[str]:
    known = {"x-key-id": key_id, **request.headers}
    return [f"{name}: {value}" for name, value in known.items() if value]


def as_http(request: Pasted, line_end: str = "\n", end: str = "") -> str:
    first = f"{request.method} {request.target} HTTP/1.1"
    head = line_end.join([first, *lines_of(request), "", ""])
    return head + request.bodies[0].decode() + end


def as_measured_http(request: Pasted, line_end: str = "\n", end: str = "") -> str:
    length = f"content-length: {len(request.bodies[0])}{line_end}host:"
    return as_http(request, line_end, end).replace("host:", length, 1)


def as_verbose_curl(request: Pasted) -> str:
    """Write what `curl -v` shows, and the body below it."""
    head, body = as_http(request).split("\n\n", 1)
    return "".join(f"> {line}\n" for line in head.split("\n")) + f"> \n{body}"


def as_curl(request: Pasted) -> str:
    host = request.headers["host"]
    words = ["curl", "-sSX", request.method, f"https://{host}{request.target}"]
    for line in lines_of(request):
        words += ["-H", line]
    if request.bodies[0]:
        words += ["--data-binary", request.bodies[0].decode()]
    return shlex.join(words)
