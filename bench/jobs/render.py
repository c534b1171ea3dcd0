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


def both() -> dict[str, dict[str, float]]:
    """Return microseconds for each text and each way."""
    found = {}
    for kind, text in TEXTS.items():
        content = compile_content(format_for("webhook"), Content("text", "", text))
        jinja = Environment(autoescape=False).from_string(text)
        found[kind] = {
            "ours": _microseconds(
                partial(content.render, VALUES, {}, MissingPolicy.KEEP)
            ),
            "jinja": _microseconds(partial(jinja.render, VALUES)),
        }
    return found


def _microseconds(render: Callable[[], object]) -> float:
    for _number in range(200):
        render()
    started = time.perf_counter()
    for _number in range(TIMES):
        render()
    return (time.perf_counter() - started) / TIMES * 1e6
