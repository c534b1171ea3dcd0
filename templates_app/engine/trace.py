"""Renders a text so that each written character knows where in the source it stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import nodes

from templates_app.engine.budget import MissingPolicy, Rendering
from templates_app.engine.errors import Position, position
from templates_app.engine.escapes import Escape
from templates_app.engine.source import normalise
from templates_app.engine.text import CompiledText, Values, compile_with

# A private plane of Unicode: one character for each offset of a source.
_PLANE = 0xF0000


@dataclass(frozen=True)
class Trace:
    """A rendered text, and for each of its characters an offset in the source."""

    source: str
    text: str
    origins: tuple[int, ...]

    def place(self, offset: int) -> Position:
        """Give the line and column in the source that wrote the character there."""
        if not self.origins:
            return Position(1, 1)
        last = min(offset, len(self.origins) - 1)
        return position(self.source, self.origins[last])


def trace(source: str, values: Values, escape: Escape) -> Trace:
    """Render a source that compiles; raises RenderError."""
    source = normalise(source)
    rendering = Rendering(MissingPolicy.KEEP)
    return _decoded(source, _traced(source).run(values, rendering, escape))


@lru_cache(maxsize=8)
def _traced(source: str) -> CompiledText:
    return compile_with(source, _code)


def _code(template: nodes.Template, data: Mapping[int, str]) -> None:
    """Write each fixed character as the character of its offset."""
    found = template.find_all(nodes.TemplateData)
    for node, (start, text) in zip(found, data.items(), strict=False):
        if node.data == text:
            coded = range(_PLANE + start, _PLANE + start + len(text))
            node.data = "".join(map(chr, coded))


def _decoded(source: str, coded: str) -> Trace:
    text: list[str] = []
    origins: list[int] = []
    for character in coded:
        offset = ord(character) - _PLANE
        is_fixed = 0 <= offset < len(source)
        text.append(source[offset] if is_fixed else character)
        nearest = origins[-1] if origins else 0
        origins.append(offset if is_fixed else nearest)
    return Trace(source, "".join(text), tuple(origins))
