"""Renders one text over and over, by our engine and by Jinja2 alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from jinja2 import Environment

from templates_app.engine.budget import MissingPolicy
from templates_app.formats.compiled import compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for

TEXTS = {
    "plain": "*Welcome, {{name}}*: {{count}} messages wait for you at {{url}}. " * 3,
    "loop": (
        "{% for line in lines %}{{ loop.index }}. {{ line.name }}"
        "{% if line.count > 1 %} ×{{ line.count }}{% endif %}\n{% endfor %}"
    ),
}
VALUES: dict[str, object] = {
    "name": 'Zoë "Q" 张三',
    "count": 3,
    "url": "https://example.com/inbox",
    "lines": [{"name": f"Part {number}", "count": number % 3} for number in range(20)],
}
TIMES = 2000
EDITS = 100

JINJA = Environment(autoescape=False)

Render = Callable[[], object]


def both() -> dict[str, dict[str, float]]:
    """Return microseconds for each text and each way, repeated and after an edit."""
    found = {}
    for kind, text in TEXTS.items():
        found[kind] = {
            "ours": _repeated(_ours(text)),
            "jinja": _repeated(_jinja(text)),
            "ours_first": _after_edits(_ours, text),
            "jinja_first": _after_edits(_jinja, text),
        }
    return found


def _ours(text: str) -> Render:
    content = compile_content(format_for("webhook"), Content("text", "", text))
    return partial(content.render, VALUES, {}, MissingPolicy.KEEP)


def _jinja(text: str) -> Render:
    return partial(JINJA.from_string(text).render, VALUES)


def _repeated(render: Render) -> float:
    for _number in range(200):
        render()
    started = time.perf_counter()
    for _number in range(TIMES):
        render()
    return (time.perf_counter() - started) / TIMES * 1e6


def _after_edits(prepared: Callable[[str], Render], text: str) -> float:
    """Return what compiling a text and rendering it once take; each text is new."""
    prepared(text)()
    edited = [f"{text}{number}" for number in range(EDITS)]
    started = time.perf_counter()
    for one in edited:
        prepared(one)()
    return (time.perf_counter() - started) / EDITS * 1e6
