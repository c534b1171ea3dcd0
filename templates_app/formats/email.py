"""E-mail: a subject, and a body as plain text (Markdown stays as it is) or HTML."""

from django.utils.translation import gettext as _

from templates_app.engine.escapes import Escape, escape_html, plain
from templates_app.engine.problems import Problem, warning
from templates_app.formats.contract import (
    HTML,
    MARKDOWN,
    TEXT,
    Content,
    MessageFormat,
    Options,
)


class EmailFormat(MessageFormat):
    """What a mail may hold."""

    kind = "email"
    content_types = frozenset({TEXT, MARKDOWN, HTML})

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_html if content_type == HTML else plain

    def check_text(self, content: Content) -> list[Problem]:
        if content.subject.strip():
            return []
        return [
            warning(
                "email_without_subject",
                _("The mail has no subject: many filters take it for spam."),
                _("Write a subject."),
                "/subject_template",
            )
        ]
