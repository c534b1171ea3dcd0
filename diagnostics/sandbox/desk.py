"""The sandbox's own addresses: the page, its files, and the API of the tests."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from diagnostics.sandbox import pages
from diagnostics.sandbox.behaviour import Behaviour, BehaviourError, read_switch
from diagnostics.sandbox.exchange import Headers, Reply, Request, json_reply
from diagnostics.sandbox.inbox import Inbox
from diagnostics.sandbox.providers import BY_NAME

STATIC = Path(__file__).parent.parent / "static" / "sandbox"
_FILES = {
    "drawing.css": "text/css; charset=utf-8",
    "sandbox.css": "text/css; charset=utf-8",
    "sandbox.js": "text/javascript; charset=utf-8",
}
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

GUARD: Headers = (
    (
        "Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    # With no-referrer, browsers hide the origin of the page's own forms too.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)


class Desk:
    """Answers everything that is not addressed to a provider."""

    def __init__(self, inbox: Inbox, behaviour: Behaviour, *, loopback: bool) -> None:
        self._inbox = inbox
        self._behaviour = behaviour
        self._loopback = loopback
        self._routes: Mapping[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", ""): self._page,
            ("GET", "live"): self._live,
            ("GET", "livez"): self._livez,
            ("GET", "api/messages"): self._messages,
            ("DELETE", "api/messages"): self._clear,
            ("GET", "api/behaviour"): self._switches,
            ("DELETE", "api/behaviour"): self._reset,
            ("POST", "clear"): self._clear_from_page,
            ("POST", "switch"): self._switch_from_page,
        }

    def answer(self, request: Request) -> Reply:
        """Answer a request to the page or the API."""
        refusal = self._foreign(request)
        reply = refusal or self._route(request)
        return Reply(reply.status, reply.headers + GUARD, reply.body)

    def _foreign(self, request: Request) -> Reply | None:
        # A page elsewhere could otherwise read messages by DNS rebinding or flip
        # switches by a form.
        host = request.headers.get("host", "")
        if self._loopback and _name(host) not in LOOPBACK_NAMES:
            return _error(403, "foreign_host", "Open the sandbox by 127.0.0.1.")
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != host:
            return _error(403, "foreign_origin", "Only the sandbox's own page may.")
        return None

    def _route(self, request: Request) -> Reply:
        method = "GET" if request.method == "HEAD" else request.method
        found = self._routes.get((method, request.path.rstrip("/")))
        if found:
            return found(request)
        folder, _, name = request.path.rpartition("/")
        match (method, folder):
            case ("GET", "files"):
                return _static(name)
            case ("PUT", "api/behaviour"):
                return self._put_switch(name, request)
        return _error(404, "not_found", "See / for what there is.")

    # The page

    def _page(self, request: Request) -> Reply:
        return self._html(pages.inbox_page, request)

    def _live(self, request: Request) -> Reply:
        return self._html(pages.live_part, request)

    def _html(self, render: Callable[..., str], request: Request) -> Reply:
        text = render(
            self._inbox,
            self._behaviour,
            language=_language(request),
            base=f"http://{request.headers.get('host', '127.0.0.1')}",
        )
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        return Reply(200, headers, text.encode("utf-8", "replace"))

    def _clear_from_page(self, request: Request) -> Reply:
        self._inbox.clear()
        return _back(request)

    def _switch_from_page(self, request: Request) -> Reply:
        fields = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        reply = self._switch(fields.pop("provider", ""), fields)
        return _back(request) if reply.status == 200 else reply

    # The API

    def _livez(self, _request: Request) -> Reply:
        return json_reply(200, {"status": "ok"}, None)

    def _messages(self, request: Request) -> Reply:
        query = dict(parse_qsl(request.query))
        since = query.get("since_id", "0")
        if not (since.isascii() and since.isdigit()):
            return _error(400, "bad_since_id", "since_id is the id of a message.")
        messages = self._inbox.messages(
            provider=query.get("provider", ""), since_id=int(since)
        )
        text = json.dumps([message.as_json() for message in messages])
        state = pages.revision(self._inbox, self._behaviour)
        headers = (("Content-Type", "application/json"), ("X-Sandbox-Revision", state))
        return Reply(200, headers, text.encode())

    def _clear(self, _request: Request) -> Reply:
        self._inbox.clear()
        return Reply(204, (), b"")

    def _switches(self, _request: Request) -> Reply:
        return json_reply(200, self._behaviour.as_json(), None)

    def _reset(self, _request: Request) -> Reply:
        self._behaviour.reset()
        return self._switches(_request)

    def _put_switch(self, name: str, request: Request) -> Reply:
        try:
            content = json.loads(request.body)
        except (ValueError, RecursionError):
            return _error(400, "not_json", 'Send JSON such as {"mode": "hang"}.')
        return self._switch(name, content)

    def _switch(self, name: str, content: object) -> Reply:
        if name not in BY_NAME:
            hint = f"Providers: {', '.join(BY_NAME)}."
            return _error(404, "unknown_provider", hint)
        try:
            self._behaviour.put(name, read_switch(content))
        except BehaviourError as error:
            return _error(400, "bad_behaviour", str(error))
        return json_reply(200, self._behaviour.as_json(), None)


def _error(status: int, code: str, hint: str) -> Reply:
    return json_reply(status, {"code": code, "hint": hint}, None)


def _static(name: str) -> Reply:
    if name not in _FILES:
        return _error(404, "not_found", "See / for what there is.")
    headers = (("Content-Type", _FILES[name]),)
    return Reply(200, headers, (STATIC / name).read_bytes())


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _language(request: Request) -> str:
    asked = dict(parse_qsl(request.query)).get("lang", "")
    return pages.choose_language(asked, request.headers.get("accept-language", ""))


def _back(request: Request) -> Reply:
    asked = dict(parse_qsl(request.query)).get("lang", "")
    target = f"/?lang={asked}" if asked in pages.LANGUAGES else "/"
    return Reply(303, (("Location", target),), b"")
