"""E-mail: a subject, and a body as plain text (Markdown stays as it is) or HTML."""

from django.utils.translation import gettext as _

from templates_app.engine.escapes import Escape, escape_html, plain
from templates_app.engine.problems import Problem, warning
from templates_app.engine.text import Values
from templates_app.formats.contract import (
    HTML,
    MARKDOWN,
    NO_VALUES,
    TEXT,
    Content,
    MessageFormat,
    Options,
)
from templates_app.formats.html_checks import html_problems


class EmailFormat(MessageFormat):
    """What a mail may hold."""

    kind = "email"
    content_types = frozenset({TEXT, MARKDOWN, HTML})

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_html if content_type == HTML else plain

    def check_text(self, content: Content) -> list[Problem]:
        return html_problems(content.content) if content.content_type == HTML else []

    def validate(self, content: Content, given: Values = NO_VALUES) -> list[Problem]:
        problems = super().validate(content, given)
        if not content.subject.strip():
            problems.append(_no_subject())
        return problems


def _no_subject() -> Problem:
    return warning(
        "email_without_subject",
        _("The mail has no subject: many filters take it for spam."),
        _("Write a subject."),
        "/subject_template",
    )
