"""The contract of a message format: one file a channel kind, listed in the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from django.utils.translation import gettext as _

from templates_app.engine.errors import RenderError, SourceError, position
from templates_app.engine.escapes import Escape, plain
from templates_app.engine.json_content import (
    FREE_LEAF,
    CompiledJson,
    LeafRule,
    Parent,
    compile_json,
)
from templates_app.engine.json_places import JsonPlaces, Path
from templates_app.engine.problems import Problem, Severity, error, problems_of
from templates_app.engine.text import CompiledText, Values, compile_text
from templates_app.formats.samples import Sample, budget_problem, samples_for

TEXT = "text"
MARKDOWN = "markdown"
HTML = "html"
JSON = "json"
CONTENT_TYPES = frozenset({TEXT, MARKDOWN, HTML, JSON})

Options = Mapping[str, object]
NO_VALUES: Values = MappingProxyType({})


@dataclass(frozen=True)
class Content:
    """The source of one channel's content."""

    content_type: str
    subject: str
    content: str


class MessageFormat:
    """What one kind of channel takes. The base takes everything and escapes nothing.

    A subclass names its kind and content types and overrides what differs:
    `escape_for` for texts, `leaf_rule` for strings inside JSON, `check_json`,
    `check_text` and `check_sample` for what its provider insists on. All are pure.
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

    def check_sample(self, content: Content, sample: Sample) -> list[Problem]:
        """Report what the provider would refuse once these values are inserted."""
        return []

    def validate(self, content: Content, given: Values = NO_VALUES) -> list[Problem]:
        """Report all problems of a content: errors stop a save, warnings do not.

        `given` holds the author's sample values.
        """
        problems = self._type_problems(content) + _subject_problems(content)
        if not content.content.strip():
            return [*problems, _empty()]
        try:
            body = compile_body(self, content)
        except SourceError as exc:
            return problems + problems_of(exc, "/content_template")
        found = self._content_problems(content, body)
        if not any(problem.severity is Severity.ERROR for problem in found):
            found += self._sample_problems(content, body, given)
        return problems + [problem.inside("/content_template") for problem in found]

    def _content_problems(
        self, content: Content, body: CompiledText | CompiledJson
    ) -> list[Problem]:
        if not isinstance(body, CompiledJson):
            return self.check_text(content)
        places = JsonPlaces(content.content)
        return [
            problem if problem.line else problem.at(places.of_pointer(problem.where))
            for problem in self.check_json(body.data)
        ]

    def _sample_problems(
        self, content: Content, body: CompiledText | CompiledJson, given: Values
    ) -> list[Problem]:
        found: list[Problem] = []
        for sample in samples_for(body.names, given):
            try:
                body.render(sample.values)
                found += self.check_sample(content, sample)
            except RenderError as exc:
                problem = budget_problem(exc, sample)
                found += [problem] if problem else []
            if found:
                break
        return found

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


def compile_body(
    message_format: MessageFormat, content: Content
) -> CompiledText | CompiledJson:
    """Make a content ready; raises SourceError with all that is wrong."""
    if content.content_type == JSON:
        return compile_json(content.content, message_format.leaf_rule)
    return compile_text(content.content)


def _subject_problems(content: Content) -> list[Problem]:
    try:
        compile_text(content.subject)
    except SourceError as exc:
        return problems_of(exc, "/subject_template")
    subject = content.subject.strip()
    lines = subject.splitlines()
    if len(lines) < 2:
        return []
    start = content.subject.index(subject) + len(lines[0])
    problem = error(
        "subject_line_break",
        _("The subject has a line break."),
        _("Write it on one line."),
        "/subject_template",
    )
    return [problem.at(position(content.subject, start))]


def _empty() -> Problem:
    return error(
        "content_empty",
        _("The content is empty."),
        _("Write what the message says."),
        "/content_template",
    )
