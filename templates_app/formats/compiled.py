"""One channel's content, checked once and rendered many times."""

from dataclasses import dataclass

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.errors import Position
from templates_app.engine.escapes import plain
from templates_app.engine.json_content import CompiledJson
from templates_app.engine.text import CompiledText, Values, compile_text
from templates_app.formats.contract import (
    Content,
    MessageFormat,
    Options,
    compile_body,
)


@dataclass(frozen=True)
class RenderedMessage:
    """A subject and a content, ready for a sender."""

    subject: str
    content: str
    content_type: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CompiledContent:
    """A subject and a content that can be rendered by many threads at once."""

    message_format: MessageFormat
    content_type: str
    subject: CompiledText
    body: CompiledText | CompiledJson

    @property
    def names(self) -> frozenset[str]:
        """The variables it uses, without the reserved ones."""
        return self.subject.names | self.body.names

    def uses(self) -> dict[str, tuple[str, Position]]:
        """Say of each variable in which part, and where, it is used first."""
        found = {
            name: ("content_template", at) for name, at in self.body.uses().items()
        }
        subject = self.subject.uses().items()
        return found | {name: ("subject_template", at) for name, at in subject}

    def render(
        self, values: Values, options: Options, policy: MissingPolicy
    ) -> RenderedMessage:
        """Write subject and content; raises RenderError."""
        subject = self.subject.render(values, plain, policy)
        if isinstance(self.body, CompiledJson):
            body = self.body.render(values, policy)
        else:
            escape = self.message_format.escape_for(self.content_type, options)
            body = self.body.render(values, escape, policy)
        missing = tuple(dict.fromkeys(subject.missing + body.missing))
        line = " ".join(subject.text.splitlines())
        return RenderedMessage(line, body.text, self.content_type, missing)


def compile_content(message_format: MessageFormat, content: Content) -> CompiledContent:
    """Check a content and make it ready; raises SourceError."""
    body = compile_body(message_format, content)
    subject = compile_text(content.subject)
    return CompiledContent(message_format, content.content_type, subject, body)
