"""The contract of a message format: one file a channel kind, listed in the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from templates_app.engine.errors import SourceError
from templates_app.engine.escapes import Escape, plain
from templates_app.engine.json_content import (
    FREE_LEAF,
    LeafRule,
    Parent,
    compile_json,
)
from templates_app.engine.json_places import Path
from templates_app.engine.problems import Problem, error, problem_of
from templates_app.engine.text import compile_text

TEXT = "text"
MARKDOWN = "markdown"
HTML = "html"
JSON = "json"
CONTENT_TYPES = frozenset({TEXT, MARKDOWN, HTML, JSON})

Options = Mapping[str, object]


@dataclass(frozen=True)
class Content:
    """The source of one channel's content."""

    content_type: str
    subject: str
    content: str


class MessageFormat:
    """What one kind of channel takes. The base takes everything and escapes nothing.

    A subclass names its kind and content types and overrides what differs:
    `escape_for` for texts, `leaf_rule` for strings inside JSON, `check_json` and
    `check_text` for what its provider insists on. All of them are pure.
    """

    kind: ClassVar[str] = "plain"
    content_types: ClassVar[frozenset[str]] = CONTENT_TYPES

    def escape_for(self, content_type: str, options: Options) -> Escape:
        """Give the escape for values in a text; `options` is the channel config.

        Content of the type text is escaped by the sender, as a whole.
        """
        return plain

    def leaf_rule(self, path: Path, parent: Parent) -> LeafRule:
        """Give the rule for the string at `path`, held by `parent`, in JSON content."""
        return FREE_LEAF

    def leaf_escape(self, path: Path, parent: Parent) -> Escape:
        """Give the escape for values in the string at `path` in JSON content."""
        return self.leaf_rule(path, parent).escape

    def check_json(self, data: object) -> list[Problem]:
        """Report what the provider would refuse about parsed JSON content."""
        return []

    def check_text(self, content: Content) -> list[Problem]:
        """Report what the provider would refuse about any other content."""
        return []

    def validate(self, content: Content) -> list[Problem]:
        """Report all problems of a content: errors stop a save, warnings do not."""
        problems = self._type_problems(content) + _subject_problems(content)
        if not content.content.strip():
            problems.append(_empty())
        elif content.content_type == JSON:
            problems += self._json_problems(content)
        else:
            problems += self._text_problems(content)
        return problems

    def _type_problems(self, content: Content) -> list[Problem]:
        if content.content_type in self.content_types:
            return []
        allowed = ", ".join(sorted(self.content_types))
        return [
            error(
                "content_type_refused",
                _("%(kind)s does not take content of the type “%(type)s”.")
                % {"kind": self.kind, "type": content.content_type},
                _("Use one of: %(names)s.") % {"names": allowed},
                "/content_type",
            )
        ]

    def _json_problems(self, content: Content) -> list[Problem]:
        try:
            compiled = compile_json(content.content, self.leaf_rule)
        except SourceError as exc:
            return [problem_of(each, "/content_template") for each in (exc, *exc.also)]
        found = self.check_json(compiled.data)
        return [problem.inside("/content_template") for problem in found]

    def _text_problems(self, content: Content) -> list[Problem]:
        try:
            compile_text(content.content)
        except SourceError as exc:
            return [problem_of(exc, "/content_template")]
        return self.check_text(content)


def _subject_problems(content: Content) -> list[Problem]:
    try:
        compile_text(content.subject)
    except SourceError as exc:
        return [problem_of(exc, "/subject_template")]
    if "\n" in content.subject.strip():
        return [
            error(
                "subject_line_break",
                _("The subject has a line break."),
                _("Write it on one line."),
                "/subject_template",
            )
        ]
    return []


def _empty() -> Problem:
    return error(
        "content_empty",
        _("The content is empty."),
        _("Write what the message says."),
        "/content_template",
    )
