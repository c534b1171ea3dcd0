"""Compiles a text once, renders it many times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from django.utils.translation import gettext as _
from jinja2 import Template, TemplateRuntimeError, nodes
from jinja2 import TemplateSyntaxError as JinjaSyntaxError

from templates_app.engine.allowlist import RESERVED_NAMES, WORDS, check_blocks
from templates_app.engine.budget import (
    MAX_SOURCE,
    MissingPolicy,
    Rendered,
    Rendering,
)
from templates_app.engine.environment import ENVIRONMENT, MISSING
from templates_app.engine.errors import Position, RenderError, SourceError, position
from templates_app.engine.escapes import Escape, plain
from templates_app.engine.generator import RENDERING
from templates_app.engine.grammar import Grammar
from templates_app.engine.source import (
    Mark,
    Scan,
    is_name,
    normalise,
    scan,
    syntax_error,
)

_FILENAME = "<message template>"
# A text with one of these takes the long way.
_NOT_PLAIN = WORDS | {"loop"}
_MARKUP = ("{{", "{%", "{#")


Values = Mapping[str, object]

# Changes a checked tree; gets the fixed texts by their offsets in the source.
Change = Callable[[nodes.Template, Mapping[int, str]], None]


class Program(Protocol):
    """A checked text, ready to run."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Its inserts, in the order of the source."""

    @property
    def uses(self) -> Mapping[str, Position]:
        """The variables it uses, and where each is used first."""

    def run(self, values: Values, rendering: Rendering) -> str:
        """Write the text with these values."""


@dataclass(frozen=True)
class _PlainProgram:
    """Text and plain names: what most templates are."""

    lead: str
    parts: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()
    uses: Mapping[str, Position] = field(default_factory=dict)

    def run(self, values: Values, rendering: Rendering) -> str:
        pieces = [self.lead]
        for index, (name, text) in enumerate(self.parts):
            pieces.append(rendering.insert(values.get(name, MISSING), index))
            pieces.append(text)
        written = "".join(pieces)
        rendering.spend_output(len(written))
        return written


@dataclass(frozen=True)
class _JinjaProgram:
    """Text with expressions, conditions or loops."""

    template: Template
    marks: tuple[Mark, ...]
    uses: Mapping[str, Position]

    def run(self, values: Values, rendering: Rendering) -> str:
        scope = {**values, RENDERING: rendering}
        context = self.template.new_context(scope, shared=True)
        pieces: list[str] = []
        try:
            for piece in self.template.root_render_func(context):
                pieces.append(piece)
                rendering.spend_output(len(piece))
        except RenderError as exc:
            exc.line = exc.line or self._line(exc.__traceback__)
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError) as exc:
            raise self._misfit(exc) from exc
        except (RecursionError, TemplateRuntimeError) as exc:
            raise self._misfit(exc) from exc
        return "".join(pieces)

    def _misfit(self, exc: Exception) -> RenderError:
        line = self._line(exc.__traceback__)
        return RenderError(
            "wrong_type",
            _("The template does not work with a value of this type."),
            _("Compare numbers with numbers and texts with texts."),
            Position(line) if line else None,
        )

    def _line(self, traceback: TracebackType | None) -> int | None:
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == _FILENAME:
                return self.template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return None


@dataclass(frozen=True)
class CompiledText:
    """A text that can be rendered by many threads at once."""

    source: str
    program: Program

    @property
    def names(self) -> frozenset[str]:
        """The variables it uses, without the reserved ones."""
        return frozenset(self.program.uses) - RESERVED_NAMES

    def uses(self) -> dict[str, Position]:
        """Say of each variable where it is used first."""
        return {name: self.program.uses[name] for name in self.names}

    @property
    def is_dynamic(self) -> bool:
        """Tell whether it holds anything but fixed text."""
        return not (isinstance(self.program, _PlainProgram) and not self.program.parts)

    @property
    def is_single_insert(self) -> bool:
        """Tell whether it is one insert and nothing else."""
        marks = self.program.marks
        return len(marks) == 1 and marks[0].text == self.source

    def render(
        self,
        values: Values,
        escape: Escape = plain,
        policy: MissingPolicy = MissingPolicy.KEEP,
    ) -> Rendered:
        """Write the text; values are escaped, the text's own markup is not."""
        rendering = Rendering(policy)
        text = self.run(values, rendering, escape)
        return Rendered(text, rendering.missing)

    def run(self, values: Values, rendering: Rendering, escape: Escape) -> str:
        """Write the text as a part of a larger rendering."""
        rendering.begin(self.program.marks, escape)
        return self.program.run(values, rendering)


def compile_text(source: str) -> CompiledText:
    """Check a text and make it ready; raises SourceError with place and remedy."""
    check_size(source)
    source = normalise(source)
    if not any(mark in source for mark in _MARKUP):
        return CompiledText(source, _PlainProgram(source))
    scanned = scan(ENVIRONMENT, source)
    if _is_plain(scanned):
        return CompiledText(source, _plain_program(scanned))
    return CompiledText(source, _jinja_program(scanned, source))


def check_size(source: str) -> None:
    """Refuse a source that is over the budget."""
    if len(source) > MAX_SOURCE:
        raise SourceError(
            "source_too_long",
            _("The text is longer than %(limit)d characters.") % {"limit": MAX_SOURCE},
            _("Shorten it, or split it into several templates."),
        )


def _is_plain(scanned: Scan) -> bool:
    if scanned.needs_parser or scanned.blocks:
        return False
    return all(_is_plain_insert(mark) for mark in scanned.inserts)


def _is_plain_insert(mark: Mark) -> bool:
    if not is_name(mark.label) or mark.label in _NOT_PLAIN or not mark.label.isascii():
        return False
    return not mark.label.startswith("_") or mark.label in RESERVED_NAMES


def _plain_program(scanned: Scan) -> _PlainProgram:
    lead = ""
    parts: list[tuple[str, str]] = []
    for part in scanned.parts:
        if isinstance(part, Mark):
            parts.append((part.label, ""))
        elif parts:
            parts[-1] = (parts[-1][0], part)
        else:
            lead = part
    marks = scanned.inserts
    uses = {mark.label: mark.at for mark in reversed(marks)}
    return _PlainProgram(lead, tuple(parts), marks, uses)


def compile_with(source: str, change: Change) -> CompiledText:
    """Compile a source that is in order already, its tree changed by `change`."""
    return CompiledText(
        source, _jinja_program(scan(ENVIRONMENT, source), source, change)
    )


def _unchanged(_template: nodes.Template, _data: Mapping[int, str]) -> None:
    """Leave the tree as it is."""


def _jinja_program(
    scanned: Scan, source: str, change: Change = _unchanged
) -> _JinjaProgram:
    check_blocks(scanned)
    template = _parse(source, scanned)
    grammar = Grammar(scanned)
    grammar.check(template)
    change(template, scanned.data)
    code = ENVIRONMENT.compile(template, filename=_FILENAME)
    compiled = Template.from_code(ENVIRONMENT, code, {})
    return _JinjaProgram(compiled, tuple(grammar.marks), grammar.uses)


def _parse(source: str, scanned: Scan) -> nodes.Template:
    try:
        return ENVIRONMENT.parse(source)
    except JinjaSyntaxError as exc:
        raise syntax_error(exc, source) from exc
    except RecursionError as exc:
        raise SourceError(
            "too_complex",
            _("The template is nested too deeply."),
            _("Split it up, or compute the values before you send them."),
            _longest(scanned, source),
        ) from exc
    except ValueError as exc:
        raise SourceError(
            "template_syntax",
            _("The template holds a number that cannot be read."),
            _("Write numbers with at most 15 digits."),
            _longest(scanned, source),
        ) from exc


def _longest(scanned: Scan, source: str) -> Position:
    """Give the place of the longest construct: the parser names none."""
    marks = scanned.inserts + scanned.blocks
    if not marks:
        return position(source, source.find("{"))
    return max(marks, key=lambda mark: len(mark.text)).at
