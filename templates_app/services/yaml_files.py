"""Template files that a person wrote in YAML: read as plain data, with their places."""

import json

import yaml
from django.utils.translation import gettext as _

from templates_app.engine.errors import Position, SourceError, position
from templates_app.engine.json_places import Path, pointer


def yaml_as_json(text: str) -> str:
    """Return a YAML text as JSON; raises SourceError."""
    try:
        data = yaml.load(text, Loader=_Reader)  # noqa: S506 - a SafeLoader, see below
        return json.dumps(data, ensure_ascii=False)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as cause:
        mark = getattr(cause, "problem_mark", None)
        raise SourceError(
            "file_not_readable",
            _("The file is neither JSON nor YAML that can be read: %(reason)s")
            % {"reason": str(getattr(cause, "problem", "") or cause)[:200]},
            _("Export a template to see the form of a file."),
            Position(mark.line + 1, mark.column + 1) if mark else None,
        ) from cause


class _Reader(yaml.SafeLoader):
    """Reads plain data only; an alias could stand for a bomb."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark = yaml.Mark("", 0, self.line, self.column, None, 0)
            raise yaml.composer.ComposerError(None, None, "it holds an alias", mark)
        return super().compose_node(parent, index)


class YamlPlaces:
    """Where each value of a YAML text stands, as `JsonPlaces` tells it of JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._nodes: dict[str, yaml.Node] = {}
        root = yaml.compose(text, Loader=_Reader)
        if root is not None:
            self._note("", root)

    def of_pointer(self, where: str) -> Position:
        """Give the place of a value, or of the nearest one around it that is there."""
        while where and where not in self._nodes:
            where = where.rpartition("/")[0]
        return self._start(where)

    def inside(self, path: Path, text: str, at: Position | None) -> Position:
        """Turn a place in a string's text into one in the file."""
        where = pointer(path)
        node = self._nodes.get(where)
        if at is None or not isinstance(node, yaml.ScalarNode):
            return self.of_pointer(where)
        line = text.split("\n")[at.line - 1 : at.line]
        found = None
        if line and node.style == "|":
            found = self._in_block(node, line[0], at)
        elif line and at.line == 1:
            found = self._in_line(node, line[0], at)
        return found or self._start(where)

    def _note(self, where: str, node: yaml.Node) -> None:
        self._nodes[where] = node
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._note(where + pointer((str(key.value),)), value)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self._note(f"{where}/{number}", value)

    def _start(self, where: str) -> Position:
        node = self._nodes.get(where)
        return position(self._text, node.start_mark.index if node else 0)

    def _in_block(self, node: yaml.Node, line: str, at: Position) -> Position | None:
        """Count lines from the sign that the text begins below, columns past its indent."""
        number = node.start_mark.line + 1 + at.line
        written = self._text.split("\n")[number - 1 : number]
        if not written or not written[0].rstrip("\r").endswith(line):
            return None
        indent = len(written[0].rstrip("\r")) - len(line)
        return Position(number, indent + (at.column or 1))

    def _in_line(
        self, node: yaml.ScalarNode, line: str, at: Position
    ) -> Position | None:
        """Count from the first letter, as far as the text stands there as it is."""
        start = node.start_mark.index + (1 if node.style else 0)
        before = (at.column or 1) - 1
        if not self._text.startswith(line[:before], start):
            return None
        return position(self._text, start + before)
