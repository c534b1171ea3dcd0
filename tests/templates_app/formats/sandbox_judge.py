"""Asks the sandbox's providers, which read messages by rules of their own."""

import json

from diagnostics.sandbox import lark, slack, telegram
from diagnostics.sandbox.exchange import Request
from templates_app.engine.budget import MissingPolicy
from templates_app.engine.problems import Problem, Severity
from templates_app.engine.text import Values
from templates_app.formats.compiled import compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for

_RECEIVERS = {
    "lark": (lark.receive, "hook/judge"),
    "slack": (slack.receive, "services/T1/B1/judge"),
    "telegram": (telegram.receive, "bot123456:sandbox-token/sendMessage"),
}
_JSON = {"content-type": "application/json"}

# Warned of, not refused: values or the sender decide what the provider gets.
_NOT_FINAL = {"part_open", "telegram_markup_refused", "lark_bare_card"}


def refusal(kind: str, body: object) -> str:
    """Return why the provider refuses this body, or nothing."""
    receive, path = _RECEIVERS[kind]
    if kind == "telegram" and isinstance(body, dict):
        body = {"chat_id": 1, **body}
    sent = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    reply = receive(Request("POST", path, "", _JSON, sent, now=0.0))
    arrived = reply.arrived
    assert arrived is not None
    return "" if arrived.accepted else arrived.reason or arrived.code


def problems(kind: str, body: object) -> list[Problem]:
    """Return what our validator says of a body."""
    return format_for(kind).validate(
        Content("json", "", json.dumps(body, ensure_ascii=False))
    )


def passes(kind: str, body: object) -> bool:
    """Tell whether a body is saved without a doubt."""
    return not any(
        problem.severity is Severity.ERROR or problem.code in _NOT_FINAL
        for problem in problems(kind, body)
    )


def rendered(kind: str, body: object, values: Values) -> object:
    """Return a body with its values, as a sender gets it."""
    content = Content("json", "", json.dumps(body, ensure_ascii=False))
    compiled = compile_content(format_for(kind), content)
    return json.loads(compiled.render(values, {}, MissingPolicy.KEEP).content)
