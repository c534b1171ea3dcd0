"""Compiles JSON content once and renders it leaf by leaf, so no value can break it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from django.utils.translation import gettext as _

from templates_app.engine.budget import MissingPolicy, Rendered, Rendering
from templates_app.engine.errors import Position, SourceError, all_as_one
from templates_app.engine.escapes import Escape, plain
from templates_app.engine.json_places import MAX_DEPTH, JsonPlaces, Path
from templates_app.engine.source import normalise
from templates_app.engine.text import CompiledText, Values, check_size, compile_text
from templates_app.engine.values import to_json, value_to_json

Parent: TypeAlias = dict[str, object] | list[object]


@dataclass(frozen=True)
class LeafRule:
    """How a value is written into a leaf, and whether a lone value keeps its type."""

    escape: Escape = plain
    keeps_type: bool = True


FREE_LEAF = LeafRule()
LeafRules = Callable[[Path, Parent], LeafRule]


def free_leaves(_path: Path, _parent: Parent) -> LeafRule:
    """Treat every leaf alike: no markup, types kept."""
    return FREE_LEAF


@dataclass(frozen=True)
class _Leaf:
    """One string of the JSON that holds inserts."""

    text: CompiledText
    escape: Escape
    keeps_type: bool
    path: Path

    def render(self, values: Values, rendering: Rendering) -> str:
        text = self.text.run(values, rendering, self.escape)
        value = rendering.value
        if self.keeps_type and not isinstance(value, str):
            return value_to_json(value)
        return to_json(text)


@dataclass(frozen=True)
class CompiledJson:
    """JSON content that can be rendered by many threads at once."""

    source: str
    data: object
    pieces: tuple[str | _Leaf, ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables it uses, without the reserved ones."""
        return frozenset[str]().union(*(leaf.text.names for leaf in self._leaves()))

    def uses(self) -> dict[str, Position]:
        """Say of each variable where it is used first."""
        places = JsonPlaces(self.source)
        found: dict[str, Position] = {}
        for leaf in self._leaves():
            for name, at in leaf.text.uses().items():
                place = places.inside(leaf.path, leaf.text.source, at)
                found.setdefault(name, place)
        return found

    def _leaves(self) -> list[_Leaf]:
        return [piece for piece in self.pieces if isinstance(piece, _Leaf)]

    def render(
        self, values: Values, policy: MissingPolicy = MissingPolicy.KEEP
    ) -> Rendered:
        """Write compact JSON; it is valid whatever the values are."""
        rendering = Rendering(policy)
        written: list[str] = []
        for piece in self.pieces:
            if isinstance(piece, str):
                rendering.spend_output(len(piece))
                written.append(piece)
            else:
                written.append(piece.render(values, rendering))
        return Rendered("".join(written), rendering.missing)


def compile_json(source: str, leaf_rules: LeafRules = free_leaves) -> CompiledJson:
    """Check JSON content and make it ready; raises SourceError."""
    check_size(source)
    data = read_json(source)
    compiler = _Compiler(source, leaf_rules)
    pieces = tuple(_joined(compiler.pieces(data, (), [])))
    if compiler.errors:
        raise all_as_one(compiler.errors)
    return CompiledJson(source, data, pieces)


def read_json(source: str) -> object:
    """Parse JSON strictly: no key twice, no NaN, not nested too deep."""
    try:
        return json.loads(
            source,
            object_pairs_hook=lambda pairs: _without_duplicates(pairs, source),
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as exc:
        raise _invalid_json(exc, source) from exc
    except RecursionError as exc:
        raise _too_deep(source) from exc
    except ValueError as exc:
        raise SourceError(
            "invalid_json",
            _("The JSON holds a number that cannot be read."),
            _("Write the number as a text, in quotes."),
        ) from exc


@dataclass(frozen=True)
class _Compiler:
    source: str
    leaf_rules: LeafRules
    errors: list[SourceError] = field(default_factory=list)

    @cached_property
    def _places(self) -> JsonPlaces:
        return JsonPlaces(self.source)

    def pieces(self, data: object, path: Path, parent: Parent) -> Iterator[str | _Leaf]:
        if len(path) > MAX_DEPTH:
            raise _too_deep(self.source)
        if isinstance(data, dict):
            yield from self._object(data, path)
        elif isinstance(data, list):
            yield from self._array(data, path)
        elif isinstance(data, str):
            yield self._leaf(data, path, parent)
        else:
            yield to_json(data)

    def _object(self, data: dict[str, object], path: Path) -> Iterator[str | _Leaf]:
        lead = "{"
        for key, value in data.items():
            yield f"{lead}{to_json(self._key(key, path))}:"
            yield from self.pieces(value, (*path, key), data)
            lead = ","
        yield "}" if data else "{}"

    def _key(self, key: str, path: Path) -> str:
        try:
            return normalise(key)
        except SourceError as exc:
            self._note(exc, "", path)
            return ""

    def _array(self, data: list[object], path: Path) -> Iterator[str | _Leaf]:
        lead = "["
        for index, value in enumerate(data):
            yield lead
            yield from self.pieces(value, (*path, index), data)
            lead = ","
        yield "]" if data else "[]"

    def _leaf(self, text: str, path: Path, parent: Parent) -> str | _Leaf:
        try:
            compiled = compile_text(text)
        except SourceError as exc:
            self._note(exc, text, path)
            return ""
        if not compiled.is_dynamic:
            return to_json(compiled.source)
        rule = self.leaf_rules(path, parent)
        keeps_type = rule.keeps_type and compiled.is_single_insert
        return _Leaf(compiled, rule.escape, keeps_type, path)

    def _note(self, exc: SourceError, text: str, path: Path) -> None:
        for each in (exc, *exc.also):
            at = Position(each.line, each.column) if each.line else None
            place = self._places.inside(path, text, at)
            located = SourceError(each.code, each.message, each.remedy, place)
            located.path = path
            self.errors.append(located)


def _joined(pieces: Iterator[str | _Leaf]) -> Iterator[str | _Leaf]:
    fixed: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            fixed.append(piece)
            continue
        yield "".join(fixed)
        fixed.clear()
        yield piece
    yield "".join(fixed)


def _without_duplicates(
    pairs: list[tuple[str, object]], source: str
) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise SourceError(
                "duplicate_key",
                _("The key “%(key)s” stands twice in one object.") % {"key": key},
                _("Delete one of the two."),
                JsonPlaces(source).duplicate,
            )
        found[key] = value
    return found


def _refuse_constant(name: str) -> object:
    raise SourceError(
        "invalid_json",
        _("JSON knows no %(name)s.") % {"name": name},
        _("Write null, a number or a text in quotes."),
    )


def _invalid_json(exc: json.JSONDecodeError, source: str) -> SourceError:
    remedy = _("Correct the JSON here; a missing comma or quote is the usual cause.")
    if source[exc.pos : exc.pos + 1] in {"{", "}", "%"}:
        remedy = _('Put inserts in quotes, as in "{{count}}": the type is kept.')
    return SourceError(
        "invalid_json",
        _("This is not valid JSON: %(detail)s.") % {"detail": exc.msg},
        remedy,
        Position(exc.lineno, exc.colno),
    )


def _too_deep(source: str) -> SourceError:
    return SourceError(
        "json_too_deep",
        _("The JSON is nested more than %(limit)d deep.") % {"limit": MAX_DEPTH},
        _("Flatten it."),
        JsonPlaces(source).too_deep,
    )
