"""Apprise: a title, and a body as text, Markdown or HTML, as the service shows it."""

from templates_app.formats.contract import HTML, MARKDOWN, TEXT
from templates_app.formats.plain import PlainFormat


class AppriseFormat(PlainFormat):
    """What Apprise converts for each of its services."""

    kind = "apprise"
    content_types = frozenset({TEXT, MARKDOWN, HTML})
